//! `family!` turns an Outcrop spec into codecs at compile time.
