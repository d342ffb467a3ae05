//! Bundles that are sound, and every way in which one may not be.

mod attacks;
mod damage;
mod kit;
mod rotated;
mod sound;
