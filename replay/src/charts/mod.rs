//! Charts of quality as SVG and PNG, and one page that holds them all with the figures they are made of.
//!
//! The only module that knows the plotting crate.

mod draw;
mod page;
#[cfg(test)]
mod tests;

use std::fmt;

use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};
use plotters::style::{FontStyle, register_font};

pub use page::{Report, page};

/// The letters of every chart: DejaVu Sans, those of Latin scripts (see `fonts/LICENSE`).
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-latin.ttf");
/// Width of a chart in pixels.
const WIDTH: u32 = 820;
/// How much finer a PNG is, for screens of today and for print.
const PNG_SCALE: u32 = 2;
/// Most bars of a chart.
const BARS_MAX: usize = 14;

/// What a value counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share, 0 to 1.
    Share,
    /// A plain number.
    Number,
    /// A score, 0 to 100.
    Score,
    /// US dollars.
    Usd,
}

/// How values stand beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In time: labels are days such as `2026-11-21`.
    Days,
    /// One bar each.
    Bars,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What it is of.
    pub label: String,
    /// The value.
    pub value: f64,
    /// Items that it is made of.
    pub of: u64,
    /// The first positions of the events that it is made of.
    pub positions: Vec<u64>,
    /// How many events that are.
    pub events: u64,
}

/// A chart, and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Its name in files.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// The metric, its version, and what else there is to know, on one line.
    pub note: String,
    /// What values count in.
    pub unit: Unit,
    /// How they stand.
    pub shape: Shape,
    /// The values.
    pub points: Vec<Point>,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A drawing that this module made: nothing else is put into a page as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing(String);

/// Why there is no chart.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The plotting crate gave up.
    #[error("the chart cannot be drawn: {0}")]
    Draw(String),
    /// The picture cannot be encoded.
    #[error("the picture cannot be encoded")]
    Encode(#[from] png::EncodingError),
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Unit {
    /// A value as people read it.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Share => format!("{} %", trimmed(value * 100.0, 1)),
            Self::Number => trimmed(value, 2),
            Self::Score => trimmed(value, 1),
            Self::Usd if value != 0.0 && value.abs() < 0.1 => format!("${value:.4}"),
            Self::Usd => format!("${value:.2}"),
        }
    }
}

/// At most so many digits behind the point, without zeros at the end.
fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

impl Chart {
    /// Height in pixels.
    fn height(&self) -> u32 {
        match self.shape {
            Shape::Days => 320,
            Shape::Bars => {
                let bars = u32::try_from(self.points.len().clamp(1, BARS_MAX)).unwrap_or(1);
                96 + bars * 34
            }
        }
    }
    /// The chart as SVG.
    ///
    /// # Errors
    /// Where it cannot be drawn.
    pub fn svg(&self, theme: Theme) -> Result<Drawing, ChartError> {
        letters()?;
        let mut text = String::new();
        let root = SVGBackend::with_string(&mut text, (WIDTH, self.height())).into_drawing_area();
        draw::chart(&root, self, theme, 1).map_err(|error| ChartError::Draw(error.to_string()))?;
        root.present().map_err(|error| ChartError::Draw(error.to_string()))?;
        drop(root);
        Ok(Drawing(text))
    }
    /// The chart as PNG, twice as fine.
    ///
    /// # Errors
    /// Where it cannot be drawn or encoded.
    pub fn png(&self, theme: Theme) -> Result<Vec<u8>, ChartError> {
        letters()?;
        let (width, height) = (WIDTH * PNG_SCALE, self.height() * PNG_SCALE);
        let mut pixels = vec![0_u8; width as usize * height as usize * 3];
        {
            let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
            draw::chart(&root, self, theme, PNG_SCALE)
                .map_err(|error| ChartError::Draw(error.to_string()))?;
            root.present().map_err(|error| ChartError::Draw(error.to_string()))?;
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// Makes the letters known; to do so again changes nothing.
fn letters() -> Result<(), ChartError> {
    register_font("sans-serif", FontStyle::Normal, FONT)
        .map_err(|_| ChartError::Draw("the letters cannot be read".into()))
}
