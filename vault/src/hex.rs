//! Bytes as lower-case hex digits.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(crate) fn write(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(crate) fn read(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| DIGITS.iter().position(|of| *of == digit).and_then(|at| u8::try_from(at).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| <&[u8; 2]>::try_from(pair).ok().and_then(|[a, b]| Some(nibble(*a)? << 4 | nibble(*b)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_back_and_nothing_else() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(read(&write(&bytes)), Some(bytes));
        assert_eq!((read(""), read("0"), read("0G"), read("AB")), (Some(vec![]), None, None, None));
    }
}
