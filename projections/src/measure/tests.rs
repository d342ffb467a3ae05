//! Given events, then series.

use domain::metric::built_ins;
