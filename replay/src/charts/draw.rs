//! A chart on any of the plotting crate's canvases.

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{
    ChartBuilder, Circle, DrawingArea, DrawingBackend, IntoFont, LineSeries, Rectangle, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, TextStyle};

use super::{BARS_MAX, Chart, Point, Shape, Theme, Unit};
use crate::story::shown::one_line;

type Canvas<DB> = DrawingArea<DB, Shift>;
type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Columns of a bar's label.
const LABEL_COLUMNS: usize = 26;
/// Pixels of the labels beside bars.
const LABEL_WIDTH: i32 = 220;
/// Pixels of the values behind bars.
const VALUE_WIDTH: i32 = 150;

/// The colours of a theme.
struct Colours {
    page: RGBColor,
    ink: RGBColor,
    quiet: RGBColor,
    line: RGBColor,
    bar: RGBColor,
}

const LIGHT: Colours = Colours {
    page: RGBColor(255, 255, 255),
    ink: RGBColor(25, 27, 24),
    quiet: RGBColor(102, 107, 98),
    line: RGBColor(225, 225, 218),
    bar: RGBColor(63, 143, 99),
};
const DARK: Colours = Colours {
    page: RGBColor(21, 24, 23),
    ink: RGBColor(232, 235, 232),
    quiet: RGBColor(139, 148, 143),
    line: RGBColor(45, 51, 48),
    bar: RGBColor(79, 178, 124),
};

impl Colours {
    const fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }
}

/// Draws a chart; `scale` is how many pixels stand for one.
pub(super) fn chart<DB: DrawingBackend>(
    root: &Canvas<DB>,
    chart: &Chart,
    theme: Theme,
    scale: u32,
) -> Drawn<DB> {
    let scale = i32::try_from(scale).unwrap_or(1);
    let colours = Colours::of(theme);
    root.fill(&colours.page)?;
    let letters = |size: i32, colour: RGBColor| ("sans-serif", size * scale).into_font().color(&colour);
    root.draw(&Text::new(one_line(&chart.title, 80), (18 * scale, 16 * scale), letters(18, colours.ink)))?;
    root.draw(&Text::new(one_line(&chart.note, 120), (18 * scale, 42 * scale), letters(12, colours.quiet)))?;
    if chart.points.is_empty() {
        let nothing = "nothing in the log to make it of";
        return root.draw(&Text::new(nothing, (18 * scale, 76 * scale), letters(13, colours.quiet)));
    }
    match chart.shape {
        Shape::Days => days(root, chart, colours, scale),
        Shape::Bars => bars(root, chart, colours, scale),
    }
}

/// Where the axis of values ends.
fn top(unit: Unit, points: &[Point]) -> f64 {
    let most = points.iter().map(|point| point.value).fold(0.0, f64::max);
    match unit {
        Unit::Share => 1.0,
        Unit::Score => 100.0,
        Unit::Number | Unit::Usd if most > 0.0 => most * 1.08,
        Unit::Number | Unit::Usd => 1.0,
    }
}

fn days<DB: DrawingBackend>(root: &Canvas<DB>, chart: &Chart, colours: &Colours, scale: i32) -> Drawn<DB> {
    let mut points: Vec<(f64, &Point)> =
        chart.points.iter().filter_map(|point| Some((day(&point.label)?, point))).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
    // A single day still has a width.
    let pad = ((last.0 - first.0) * 0.03).max(0.5);
    let (from, to) = (first.0 - pad, last.0 + pad);
    let size = |pixels: i32| u32::try_from(pixels * scale).unwrap_or_default();
    let quiet = ("sans-serif", 12 * scale).into_font().color(&colours.quiet);
    let (_, area) = root.split_vertically(62 * scale);
    let mut context = ChartBuilder::on(&area)
        .margin_right(size(26))
        .margin_bottom(size(8))
        .x_label_area_size(size(30))
        .y_label_area_size(size(64))
        .build_cartesian_2d(from..to, 0.0..top(chart.unit, &chart.points))?;
    let labels = points.len().clamp(2, 7);
    context
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(colours.line)
        .light_line_style(colours.page)
        .axis_style(colours.line)
        .x_labels(labels)
        .y_labels(6)
        .x_label_formatter(&|x| date(*x))
        .y_label_formatter(&|y| chart.unit.show(*y))
        .label_style(quiet)
        .draw()?;
    let width = u32::try_from(2 * scale).unwrap_or(2);
    let line = points.iter().map(|(x, point)| (*x, point.value));
    context.draw_series(LineSeries::new(line, colours.bar.stroke_width(width)))?;
    let most = points.iter().map(|(_, point)| point.of).max().unwrap_or(1).max(1);
    for (x, point) in &points {
        // A point of many items is larger than one of few.
        let radius = if point.of * 2 >= most { 5 } else { 3 };
        context.draw_series([Circle::new((*x, point.value), radius * scale, colours.bar.filled())])?;
    }
    Ok(())
}

fn bars<DB: DrawingBackend>(root: &Canvas<DB>, chart: &Chart, colours: &Colours, scale: i32) -> Drawn<DB> {
    let (width, _) = root.dim_in_pixel();
    let width = i32::try_from(width).unwrap_or(i32::MAX);
    let (left, right) = ((18 + LABEL_WIDTH) * scale, width - (18 + VALUE_WIDTH) * scale);
    let top = top(chart.unit, &chart.points);
    let anchored = |h: HPos, colour: &RGBColor| -> TextStyle<'static> {
        ("sans-serif", 13 * scale).into_font().color(colour).pos(Pos::new(h, VPos::Center))
    };
    let mut y = 72 * scale;
    for point in chart.points.iter().take(BARS_MAX) {
        let middle = y + 13 * scale;
        let label = one_line(&point.label, LABEL_COLUMNS);
        root.draw(&Text::new(label, (left - 12 * scale, middle), anchored(HPos::Right, &colours.ink)))?;
        root.draw(&Rectangle::new(
            [(left, y + 3 * scale), (right, y + 23 * scale)],
            colours.line.mix(0.45).filled(),
        ))?;
        let share = (point.value / top).clamp(0.0, 1.0);
        #[expect(clippy::cast_possible_truncation, reason = "a share of the width, which is an i32")]
        let end = left + (f64::from(right - left) * share).round() as i32;
        root.draw(&Rectangle::new([(left, y + 3 * scale), (end, y + 23 * scale)], colours.bar.filled()))?;
        let value = chart.unit.show(point.value);
        root.draw(&Text::new(value, (right + 12 * scale, middle), anchored(HPos::Left, &colours.ink)))?;
        let of = format!("n {}", point.of);
        root.draw(&Text::new(of, (width - 18 * scale, middle), anchored(HPos::Right, &colours.quiet)))?;
        y += 34 * scale;
    }
    if chart.points.len() > BARS_MAX {
        let more = format!("and {} more, in the table", chart.points.len() - BARS_MAX);
        root.draw(&Text::new(more, (left, y + 4 * scale), anchored(HPos::Left, &colours.quiet)))?;
    }
    Ok(())
}

/// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn day(text: &str) -> Option<f64> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(f64::from(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468))
}

/// The day that stands there; nothing between two days.
fn date(x: f64) -> String {
    if (x - x.round()).abs() > 0.26 {
        return String::new();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a few thousand days")]
    let days = x.round() as i64;
    domain::values::Timestamp::from_millis(days * 86_400_000).day()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_and_named_back() {
        for text in ["1970-01-01", "2024-02-29", "2026-11-21", "2000-12-31", "2100-03-01"] {
            assert_eq!(date(day(text).unwrap()), text);
        }
        assert_eq!(day("2026-11-22").unwrap() - day("2026-11-21").unwrap(), 1.0);
        assert_eq!(date(20_000.4), "");
        for wrong in ["", "2026", "2026-13-01", "2026-00-10", "x-y-z"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
