//! The bytes of a string, many at a time: which of them end it, escape what follows, or may not be there.
//!
//! On x86-64 every processor has the instructions for it (SSE2), and `safe_arch` gives them without `unsafe`. Elsewhere
//! words of eight bytes do, and long strings are left to `memchr`.

// These few functions are the inner loop of every parser; a call each would cost as much as the work.
#![allow(clippy::inline_always)]

/// So many bytes are looked at together.
pub(super) const BLOCK: usize = 16;

/// Where a look at whole blocks of a string came to.
pub(super) enum Passed {
    /// To the quote that ends it; and whether it has escapes.
    Ended(usize, bool),
    /// So far, where an escape or a plain byte begins: fewer bytes are left than a look needs.
    So(usize, bool),
    /// To something that is wrong somewhere.
    Wrong,
}

#[cfg(target_arch = "x86_64")]
pub(super) use vector::{first_special, pass};
#[cfg(not(target_arch = "x86_64"))]
pub(super) use words::{first_special, pass};

#[cfg(target_arch = "x86_64")]
mod vector {
    use safe_arch::{
        bitor_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i, m128i, min_u8_m128i, move_mask_i8_m128i,
        set_splat_i8_m128i,
    };

    use super::super::scan;
    use super::{BLOCK, Passed};

    /// So many blocks of a long string are looked at together: a bit for each of their bytes fills a word.
    const WIDE: usize = 4 * BLOCK;
    const EVEN: u64 = 0x5555_5555_5555_5555;

    #[inline(always)]
    fn are(block: m128i, byte: u8) -> m128i {
        cmp_eq_mask_i8_m128i(block, set_splat_i8_m128i(byte.cast_signed()))
    }

    #[inline(always)]
    fn are_control(block: m128i) -> m128i {
        cmp_eq_mask_i8_m128i(min_u8_m128i(block, set_splat_i8_m128i(0x1f)), block)
    }

    /// A bit for each byte.
    #[inline(always)]
    fn bits(mask: m128i) -> u32 {
        move_mask_i8_m128i(mask).cast_unsigned()
    }

    /// The index of the first quote, backslash or control character; [`BLOCK`] if there is none.
    #[inline(always)]
    pub(in super::super) fn first_special(block: &[u8; BLOCK]) -> usize {
        let block = load_unaligned_m128i(block);
        let ends = bitor_m128i(are(block, b'"'), are(block, b'\\'));
        (bits(bitor_m128i(ends, are_control(block))) | 1 << BLOCK).trailing_zeros() as usize
    }

    /// Bits of the bytes for which `is` holds.
    #[inline(always)]
    fn all(bytes: &[u8; WIDE], is: impl Fn(m128i) -> m128i) -> u64 {
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        blocks.iter().rev().fold(0, |word, block| word << BLOCK | u64::from(bits(is(load_unaligned_m128i(block)))))
    }

    #[inline(always)]
    fn has_control(bytes: &[u8; WIDE]) -> bool {
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        let controls = blocks.iter().map(|block| are_control(load_unaligned_m128i(block)));
        controls.reduce(bitor_m128i).is_some_and(|any| bits(any) != 0)
    }

    /// Passes over whole blocks of the string whose contents begin at `from`, without a branch for each escape.
    pub(in super::super) fn pass(b: &[u8], from: usize) -> Passed {
        let (mut at, mut escaped) = (from, false);
        // Whether the next byte follows a backslash, as a bit; and where the unit ends that was read last.
        let (mut carry, mut read) = (0_u64, 0);
        while let Some(bytes) = b.get(at..).and_then(|rest| rest.first_chunk::<WIDE>()) {
            let (quotes, slashes) = (all(bytes, |block| are(block, b'"')), all(bytes, |block| are(block, b'\\')));
            // None is in the text itself; white space behind it is seldom in the same bytes.
            let controls = if has_control(bytes) { all(bytes, are_control) } else { 0 };
            let mut stops = quotes | controls;
            // Most strings have none, or the rest of the block is none of theirs.
            if carry != 0 || slashes.trailing_zeros() < stops.trailing_zeros() {
                // A backslash that follows one begins nothing. In a run, that is every second one: adding a run's first
                // bit to it carries past its end, by one more bit for an odd length.
                let begins = slashes & !carry;
                let follows = begins << 1 | carry;
                let odd = begins & !EVEN & !follows;
                let (sum, over) = odd.overflowing_add(begins);
                let behind = (EVEN ^ (sum << 1)) & follows;
                carry = u64::from(over);
                stops = quotes & !behind | controls;
                let before = if stops == 0 { u64::MAX } else { stops ^ (stops - 1) };
                escaped |= slashes & before != 0;
                // Nearly all escapes are a quote, a backslash or a new line.
                let usual = quotes | slashes | all(bytes, |block| are(block, b'n'));
                let mut others = behind & before & !usual;
                while others != 0 {
                    let letter = at + others.trailing_zeros() as usize;
                    // The second half of a pair has been read with the first.
                    if letter >= read {
                        let Ok((_, length)) = scan::escape(b, letter - 1) else { return Passed::Wrong };
                        read = letter - 1 + length;
                    }
                    others &= others - 1;
                }
            }
            if stops != 0 {
                let stop = at + stops.trailing_zeros() as usize;
                return if b.get(stop) == Some(&b'"') { Passed::Ended(stop, escaped) } else { Passed::Wrong };
            }
            at += WIDE;
        }
        // A pair that was read may reach further; its second half would be none by itself.
        Passed::So(if read > at { read } else { at - usize::from(carry != 0) }, escaped)
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod words {
    use super::BLOCK;
    #[cfg(not(target_arch = "x86_64"))]
    use super::Passed;

    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

    /// A word whose byte with the lowest address that is special has its high bit set; 0 if none is. Higher bytes may be
    /// marked wrongly, the lowest never is.
    #[inline(always)]
    fn specials(word: u64) -> u64 {
        let quote = word ^ (ONES * u64::from(b'"'));
        let slash = word ^ (ONES * u64::from(b'\\'));
        let marks = (quote.wrapping_sub(ONES) & !quote) | (slash.wrapping_sub(ONES) & !slash);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        (marks | control) & HIGH
    }

    /// The index of the first quote, backslash or control character; [`BLOCK`] if there is none.
    #[inline(always)]
    pub(in super::super) fn first_special(block: &[u8; BLOCK]) -> usize {
        let (words, _) = block.as_chunks::<8>();
        let first = |word: &[u8; 8]| (specials(u64::from_le_bytes(*word)).trailing_zeros() / 8) as usize;
        match words {
            [low, high] => match first(low) {
                8 => 8 + first(high),
                n => n,
            },
            _ => BLOCK,
        }
    }

    /// Leaves all of it to others.
    #[cfg(not(target_arch = "x86_64"))]
    pub(in super::super) fn pass(_: &[u8], from: usize) -> Passed {
        Passed::So(from, false)
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, first_special, words};

    #[test]
    fn the_first_special_byte_is_found_in_both_ways() {
        for byte in 0..=u8::MAX {
            let special = byte < 0x20 || byte == b'"' || byte == b'\\';
            for at in 0..BLOCK {
                for behind in [b'a', 0xff, b'"', 0x21, b'\\' + 1] {
                    let mut block = [b'a'; BLOCK];
                    block[at..].fill(behind);
                    block[at] = byte;
                    let wanted = block.iter().position(|b| *b < 0x20 || *b == b'"' || *b == b'\\').unwrap_or(BLOCK);
                    assert!(!special || wanted == at);
                    assert_eq!(first_special(&block), wanted, "{block:?}");
                    assert_eq!(words::first_special(&block), wanted, "{block:?}");
                }
            }
        }
    }
}
