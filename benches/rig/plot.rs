//! Growth curves as SVG.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

/// Lines over sizes that grow tenfold. Both axes are logarithmic: what grows in proportion is a
/// straight line at 45 degrees.
#[derive(Debug)]
pub(crate) struct Plot {
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    pub(crate) across: &'static str,
    pub(crate) up: &'static str,
    pub(crate) series: Vec<Series>,
}

/// One line.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

const SIZE: (u32, u32) = (720, 400);
/// Told apart also by those who do not see red and green (the palette of Okabe and Ito).
const COLOURS: [RGBColor; 3] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115)];

impl Plot {
    pub(crate) fn draw(&self, file: &Path) -> anyhow::Result<()> {
        // What goes wrong in drawing borrows from the canvas.
        self.try_to_draw(file).map_err(|error| anyhow!("{}: {error}", self.file))
    }

    fn try_to_draw(&self, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let canvas = SVGBackend::new(file, SIZE).into_drawing_area();
        canvas.fill(&WHITE)?;
        let (across, up) = (extremes(self, |point| point.0), extremes(self, |point| point.1));
        let across = (across.0 * 0.7)..(across.1 * 1.4);
        // Whole decades, with room for the legend.
        let up = 10_f64.powf(up.0.log10().floor())..10_f64.powf((up.1 * 2.0).log10().ceil());
        let mut chart = ChartBuilder::on(&canvas)
            .caption(self.title, ("sans-serif", 20))
            .margin(12)
            .margin_right(32)
            .x_label_area_size(44)
            .y_label_area_size(70)
            .build_cartesian_2d(across.log_scale(), up.log_scale())?;
        chart
            .configure_mesh()
            .x_desc(self.across)
            .y_desc(self.up)
            .max_light_lines(0)
            .x_labels(4)
            .y_labels(4)
            .x_label_formatter(&label)
            .y_label_formatter(&label)
            .label_style(("sans-serif", 16))
            .draw()?;
        for (series, colour) in self.series.iter().zip(COLOURS) {
            let points = || series.points.iter().copied();
            let line = LineSeries::new(points(), colour.stroke_width(2)).point_size(4);
            chart.draw_series(line)?.label(series.name).legend(move |(x, y)| {
                PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2))
            });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.2))
            .label_font(("sans-serif", 16))
            .draw()?;
        Ok(canvas.present()?)
    }
}

/// The smallest and the greatest.
fn extremes(plot: &Plot, of: impl Fn(&(f64, f64)) -> f64) -> (f64, f64) {
    let values = || plot.series.iter().flat_map(|series| &series.points).map(&of);
    (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "plotters wants it so")]
fn label(value: &f64) -> String {
    if *value < 1.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}
