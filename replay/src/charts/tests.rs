//! Charts as files: what they show, that foreign labels do no harm, and that the same values give the same bytes.

use super::*;
use domain::values::Timestamp;

fn point(label: &str, value: f64, of: u64) -> Point {
    Point { label: label.into(), value, of, positions: vec![4, 7], events: 2 }
}

fn chart(shape: Shape, points: Vec<Point>) -> Chart {
    Chart {
        name: "pass-rate-by-model".into(),
        title: "Pass rate by model".into(),
        note: "pass-rate, version 1".into(),
        unit: Unit::Share,
        shape,
        points,
    }
}

fn bars() -> Chart {
    chart(Shape::Bars, vec![point("opus", 0.755, 40), point("</text><script>alert(1)</script>", 0.5, 2)])
}

#[test]
fn values_are_shown_in_their_unit() {
    let shown = [
        Unit::Share.show(0.755),
        Unit::Share.show(1.0),
        Unit::Number.show(2.0),
        Unit::Number.show(1.256),
        Unit::Score.show(87.55),
        Unit::Usd.show(0.0123),
        Unit::Usd.show(12.5),
        Unit::Usd.show(0.0),
    ];
    assert_eq!(shown, ["75.5 %", "100 %", "2", "1.26", "87.5", "$0.0123", "$12.50", "$0.00"]);
}

#[test]
fn a_chart_names_its_values_and_foreign_labels_stay_text() {
    let svg = bars().svg(Theme::Light).unwrap().to_string();
    for told in ["Pass rate by model", "pass-rate, version 1", "opus", "75.5 %", "n 40"] {
        assert!(svg.contains(told), "{told}: {svg}");
    }
    assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"), "{svg}");
    for asking in ["href", "url(", "style=", "<image"] {
        assert!(!svg.contains(asking), "{asking}");
    }
    assert_ne!(svg, bars().svg(Theme::Dark).unwrap().to_string());
}

#[test]
fn days_stand_in_time_and_what_is_empty_says_so() {
    let days = chart(Shape::Days, vec![point("2026-11-21", 0.5, 2), point("2026-11-01", 0.25, 4)]);
    let svg = days.svg(Theme::Light).unwrap().to_string();
    assert!(svg.contains("2026-11-") && svg.contains("<circle"), "{svg}");
    let one = chart(Shape::Days, vec![point("2026-11-21", 0.5, 2)]);
    assert!(one.svg(Theme::Light).unwrap().to_string().contains("2026-11-21"));
    for shape in [Shape::Days, Shape::Bars] {
        let empty = chart(shape, vec![]).svg(Theme::Light).unwrap().to_string();
        assert!(empty.contains("nothing in the log"), "{empty}");
    }
    let many = (0..40).map(|nth| point(&format!("model {nth}"), 0.5, 1)).collect();
    let svg = chart(Shape::Bars, many).svg(Theme::Light).unwrap().to_string();
    assert!(svg.contains("and 26 more"), "{svg}");
}

#[test]
fn a_picture_is_a_png_of_twice_the_size_and_the_same_each_time() {
    let png = bars().png(Theme::Light).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((size(16), size(20)), (WIDTH * 2, bars().height() * 2));
    assert_eq!(png, bars().png(Theme::Light).unwrap());
    // Letters are drawn, and not only bars: the same chart without them is another picture.
    let mut mute = bars();
    mute.title = String::new();
    assert_ne!(png, mute.png(Theme::Light).unwrap());
}

#[test]
fn the_page_asks_nothing_of_a_network() {
    let charts = [bars(), chart(Shape::Days, vec![])];
    let made_at = Timestamp::from_millis(1_763_632_900_000);
    let html =
        page(&Report { subtitle: "all projects <b>", charts: &charts, made_at, software: "1" }).unwrap();
    for asking in ["<script", "<link", "<img", "src=", "url(", "style=", "href="] {
        assert!(!html.contains(asking), "{asking}");
    }
    assert!(html.contains("all projects &lt;b&gt;") && html.contains("default-src 'none'"));
    assert_eq!(html.matches("<svg").count(), 4);
}
