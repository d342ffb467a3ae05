//! A window against a naive model that keeps every use, and against what its words promise.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::budget_pool::FIVE_HOURS_MS;

const HOUR_MS: i64 = 3_600_000;
const LENGTH: i64 = 5 * HOUR_MS;
const PART: i64 = LENGTH / 300;

fn at(ms: i64) -> Timestamp {
    // Midnight, which is a whole number of parts.
    Timestamp::from_millis("2026-11-21T00:00:00Z".parse::<Timestamp>().unwrap().millis() + ms)
}
fn window(shape: WindowShape) -> Window {
    Window::new(shape, FIVE_HOURS_MS, 200, Share::from_units(7_000).unwrap())
}
fn said(ms: i64, used: Option<u16>, exhausted: bool, resets: Option<i64>) -> VendorEvidenceRecorded {
    VendorEvidenceRecorded {
        at: at(ms),
        used_share: used.map(|units| Share::from_units(units).unwrap()),
        exhausted,
        resets_at: resets.map(at),
        source: "test".into(),
    }
}
fn request(number: u8) -> BudgetRequestId {
    BudgetRequestId::from_bytes([number; 16])
}

/// Every use, for ever.
#[derive(Default)]
struct Naive(Vec<(i64, Purpose, u64)>);

impl Naive {
    /// Automated use, and all use, that counts at `now`, by a test of each use's instant.
    fn sums(&self, counts: impl Fn(i64) -> bool) -> (u64, u64) {
        let of = |automated_only: bool| {
            let kept = self.0.iter().filter(|(at, purpose, _)| {
                counts(*at) && (!automated_only || *purpose == Purpose::Automated)
            });
            kept.map(|(.., amount)| amount).sum()
        };
        (of(true), of(false))
    }
    /// The same for a window that opens at the first use after the one before has closed.
    fn fixed(&self, now: i64) -> (u64, u64) {
        let mut opened: Option<i64> = None;
        for (at, ..) in &self.0 {
            if opened.is_none_or(|opened| *at >= opened + LENGTH) {
                opened = Some(*at);
            }
        }
        let opened = opened.filter(|opened| now < opened + LENGTH);
        self.sums(|at| opened.is_some_and(|opened| at >= opened))
    }
}

fn purpose(automated: bool) -> Purpose {
    if automated { Purpose::Automated } else { Purpose::Interactive }
}

fn sums(level: &PoolLevel) -> (u64, u64) {
    (level.automated, level.used)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Requests come in any order of purposes; those that fit are used at once.
    #[test]
    fn a_rolling_window_counts_as_the_naive_model_does(
        asked in vec((0..2 * HOUR_MS, 1_u64..60, any::<bool>()), 0..80),
    ) {
        let (mut window, mut naive, mut now) = (window(WindowShape::Rolling), Naive::default(), 0);
        for (pause, amount, automated) in asked {
            now += pause;
            let purpose = purpose(automated);
            let expected = naive.sums(|at| (at.div_euclid(PART) + 1) * PART + LENGTH > now);
            prop_assert_eq!(sums(&window.level(at(now))), expected);
            let fits = expected.1 + amount <= 200
                && (!automated || expected.0 + amount <= 140);
            let admission = window.admit(purpose, amount, at(now));
            prop_assert_eq!(admission == Admission::Fits, fits);
            if fits {
                window.spend(at(now), purpose, amount, None);
                naive.0.push((now, purpose, amount));
            } else if let Admission::Short { until, .. } = admission {
                let until = until.expect("all use of a rolling window expires");
                let free = |ms: i64| window.admit(purpose, amount, Timestamp::from_millis(ms)) == Admission::Fits;
                prop_assert!(free(until.millis()) && !free(until.millis() - 1), "the first instant that fits");
            }
            // Whatever is admitted stays within what the vendor counts to the millisecond.
            let exact = naive.sums(|at| at + LENGTH > now);
            prop_assert!(exact.1 <= 200 && exact.0 <= 140);
        }
        prop_assert!(window.used.len() <= 302, "the state is bounded");
    }

    #[test]
    fn a_window_from_the_first_use_counts_as_the_naive_model_does(
        used in vec((0..3 * HOUR_MS, 1_u64..60, any::<bool>()), 0..80),
    ) {
        let (mut window, mut naive, mut now) = (window(WindowShape::FromFirstUse), Naive::default(), 0);
        for (pause, amount, automated) in used {
            now += pause;
            prop_assert_eq!(sums(&window.level(at(now))), naive.fixed(now));
            window.spend(at(now), purpose(automated), amount, None);
            naive.0.push((now, purpose(automated), amount));
        }
        prop_assert!(window.used.len() <= 1);
    }

    /// The forecast is what happens: each amount is admitted at its instant, and no millisecond before.
    #[test]
    fn a_forecast_is_what_happens(
        used in vec((0..HOUR_MS, 1_u64..60), 0..20),
        queue in vec(1_u64..141, 0..8),
    ) {
        let (mut window, mut now) = (window(WindowShape::Rolling), 0);
        for (pause, amount) in used {
            now += pause;
            window.spend(at(now), Purpose::Automated, amount, None);
        }
        let mut before = at(now);
        for (amount, fits) in queue.iter().zip(window.clone().forecast(&queue, at(now))) {
            let fits = fits.expect("all use expires, and no amount is over the share");
            prop_assert_eq!(window.admit(Purpose::Automated, *amount, fits), Admission::Fits);
            if fits > before {
                let earlier = Timestamp::from_millis(fits.millis() - 1);
                prop_assert_ne!(window.admit(Purpose::Automated, *amount, earlier), Admission::Fits);
            }
            window.spend(fits, Purpose::Automated, *amount, None);
            before = fits;
        }
    }
}

#[test]
fn automated_work_leaves_its_share_to_people() {
    let mut window = window(WindowShape::Rolling);
    window.spend(at(0), Purpose::Automated, 140, None);
    let short = |reason| Admission::Short { reason, until: Some(at(LENGTH + PART)) };
    assert_eq!(window.admit(Purpose::Automated, 1, at(1)), short(Shortage::AutomatedShare));
    assert_eq!(window.admit(Purpose::Interactive, 60, at(1)), Admission::Fits);
    assert_eq!(window.admit(Purpose::Interactive, 61, at(1)), short(Shortage::Capacity));
    assert_eq!((window.most(Purpose::Automated), window.most(Purpose::Interactive)), (140, 200));
    window.resize(u64::MAX, Share::from_units(Share::MAX).unwrap());
    assert_eq!(window.automated_most(), u64::MAX);
}

#[test]
fn a_promise_counts_until_it_is_used_released_or_over() {
    let mut window = window(WindowShape::Rolling);
    window.reserve(request(1), Purpose::Automated, 100, at(HOUR_MS));
    window.reserve(request(2), Purpose::Interactive, 50, at(HOUR_MS));
    let level = window.level(at(0));
    assert_eq!((level.reserved, level.automated_reserved, level.used), (150, 100, 0));
    let until = Some(at(HOUR_MS));
    assert_eq!(
        window.admit(Purpose::Automated, 41, at(0)),
        Admission::Short { reason: Shortage::AutomatedShare, until }
    );
    assert_eq!(window.level(at(HOUR_MS)).reserved, 0, "it is over");
    window.spend(at(1), Purpose::Automated, 30, Some(request(1)));
    assert!(!window.holds(request(1)) && window.holds(request(2)));
    assert_eq!(window.admit(Purpose::Automated, 110, at(1)), Admission::Fits);
    window.release(request(2));
    assert_eq!(window.level(at(1)).reserved, 0);
}

#[test]
fn what_the_vendor_says_stands_over_the_count() {
    let mut window = window(WindowShape::Rolling);
    window.spend(at(0), Purpose::Automated, 10, None);
    window.heed(&said(HOUR_MS, Some(9_500), false, Some(2 * HOUR_MS)));
    let level = window.level(at(HOUR_MS));
    assert_eq!((level.used, level.automated, level.from_vendor), (190, 10, true));
    window.spend(at(HOUR_MS), Purpose::Interactive, 5, None);
    assert_eq!(window.level(at(HOUR_MS)).used, 195, "what is used since comes on top");
    let until = Some(at(2 * HOUR_MS));
    let short = Admission::Short { reason: Shortage::Capacity, until };
    assert_eq!(window.admit(Purpose::Automated, 6, at(HOUR_MS)), short);
    let after = window.level(at(2 * HOUR_MS));
    assert_eq!((after.used, after.automated, after.from_vendor), (5, 0, false), "what came before is free");
}

#[test]
fn a_refusal_of_the_vendor_admits_nothing_until_it_resets() {
    let mut window = window(WindowShape::Rolling);
    window.heed(&said(0, None, true, Some(HOUR_MS)));
    for purpose in [Purpose::Automated, Purpose::Interactive] {
        let until = Some(at(HOUR_MS));
        assert_eq!(window.admit(purpose, 1, at(1)), Admission::Short { reason: Shortage::Vendor, until });
        assert_eq!(window.admit(purpose, 1, at(HOUR_MS)), Admission::Fits);
    }
    window.heed(&said(0, None, true, None));
    let until = Some(at(LENGTH));
    let short = Admission::Short { reason: Shortage::Vendor, until };
    assert_eq!(window.admit(Purpose::Automated, 1, at(1)), short, "a window's length, where nothing is said");
    window.heed(&said(2, Some(0), false, None));
    assert_eq!(window.admit(Purpose::Automated, 1, at(2)), Admission::Fits, "the last word counts");
}

#[test]
fn a_month_ends_at_its_end_and_a_credit_never() {
    let mut month = window(WindowShape::CalendarMonth);
    month.spend("2026-12-31T23:59:59Z".parse().unwrap(), Purpose::Interactive, 200, None);
    let new_year = "2027-01-01T00:00:00Z".parse().unwrap();
    let short = Admission::Short { reason: Shortage::Capacity, until: Some(new_year) };
    assert_eq!(month.admit(Purpose::Automated, 1, "2026-12-31T23:59:59.999Z".parse().unwrap()), short);
    assert_eq!(month.admit(Purpose::Automated, 1, new_year), Admission::Fits);
    let mut credit = window(WindowShape::Credit);
    credit.spend(at(0), Purpose::Interactive, 200, None);
    let never = Admission::Short { reason: Shortage::Capacity, until: None };
    assert_eq!(credit.admit(Purpose::Automated, 1, Timestamp::from_millis(Timestamp::MAX_MS)), never);
    assert_eq!(credit.forecast(&[1, 1], at(0)), [None, None]);
    assert_eq!(
        month.forecast(&[1, 140, 1], new_year),
        [
            Some(new_year),
            Some("2027-02-01T00:00:00Z".parse().unwrap()),
            Some("2027-03-01T00:00:00Z".parse().unwrap())
        ]
    );
}
