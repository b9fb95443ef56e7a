//! Choices made with the caller's randomness.

/// One letter of `letters`, each as likely as the next. `letters` must not be empty.
pub(super) fn pick(letters: &[char], entropy: &mut dyn FnMut(&mut [u8])) -> char {
    letters[below(letters.len(), entropy)]
}

/// Puts the letters in a random order (Fisher and Yates).
pub(super) fn shuffle(letters: &mut [char], entropy: &mut dyn FnMut(&mut [u8])) {
    for last in (1..letters.len()).rev() {
        letters.swap(last, below(last + 1, entropy));
    }
}

/// A number below `bound`. The bounds here are at most 4,096, so the remainder's bias is beyond
/// noticing.
fn below(bound: usize, entropy: &mut dyn FnMut(&mut [u8])) -> usize {
    let mut bytes = [0; size_of::<usize>()];
    entropy(&mut bytes);
    usize::from_le_bytes(bytes) % bound
}
