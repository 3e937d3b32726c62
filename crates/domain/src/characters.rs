//! The characters permitted in texts that people read: at least one visible, and none that changes
//! how the rest is read.

use crate::FaultReason;

/// Invisible characters other than white space and control characters: Unicode's
/// `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt`, with the ranges reserved for future
/// ones), and blank and formatting characters that are not among those.
const INVISIBLE: [(char, char); 20] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    // The Braille pattern without dots.
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    // With the interlinear annotation characters.
    ('\u{fff0}', '\u{fffb}'),
    // Egyptian hieroglyph format controls.
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    // A notehead that is not drawn.
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// The full stop, and the characters whose compatibility decomposition is one or more full stops.
const DOTS: [char; 7] = ['.', '\u{2024}', '\u{2025}', '\u{2026}', '\u{fe19}', '\u{fe52}', '\u{ff0e}'];

/// Checks that a text has a visible character, and neither control characters (line breaks
/// included) nor characters that change the direction of text, which make it read as another text.
/// A joiner inside an emoji or a word is permitted.
///
/// # Errors
/// [`FaultReason::Blank`] or [`FaultReason::ControlCharacter`].
pub fn check_text(text: &str) -> Result<(), FaultReason> {
    if text.chars().all(char::is_whitespace) {
        Err(FaultReason::Blank)
    } else if text.chars().any(|c| c.is_control() || is_line_break(c) || is_bidi_control(c)) {
        Err(FaultReason::ControlCharacter)
    } else if text.chars().any(is_visible) {
        Ok(())
    } else {
        Err(FaultReason::Blank)
    }
}

/// Like [`check_text`], and refuses a name of dots alone: clients resolve `.` and `..` in a path
/// before they send it.
///
/// # Errors
/// [`FaultReason::Blank`], [`FaultReason::ControlCharacter`] or [`FaultReason::OnlyDots`].
pub(crate) fn check_name(text: &str) -> Result<(), FaultReason> {
    check_text(text)?;
    if text.chars().any(|c| is_visible(c) && !DOTS.contains(&c)) { Ok(()) } else { Err(FaultReason::OnlyDots) }
}

/// Whether a character is visible.
pub(crate) fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !INVISIBLE.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// Line breaks that are not control characters.
fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Unicode's `Bidi_Control`.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Name, Notes, Username};
    use proptest::prelude::*;

    #[test]
    fn a_name_has_a_visible_character_other_than_dots() {
        for (text, checked) in [
            ("Ann", Ok(())),
            ("A.", Ok(())),
            ("...and more", Ok(())),
            ("-", Ok(())),
            ("٠", Ok(())),
            ("雪", Ok(())),
            // Joiners, variation selectors and tags inside visible text.
            ("👩‍💻", Ok(())),
            ("❤️", Ok(())),
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", Ok(())),
            ("می‌خواهم", Ok(())),
            ("co\u{ad}operate", Ok(())),
            ("", Err(FaultReason::Blank)),
            (" \u{a0}\u{3000}", Err(FaultReason::Blank)),
            ("\u{200b}", Err(FaultReason::Blank)),
            ("\u{200d}\u{2060}\u{feff}\u{fe0f}", Err(FaultReason::Blank)),
            ("\u{3164} \u{ffa0}", Err(FaultReason::Blank)),
            ("\u{115f}\u{2800}\u{e0020}", Err(FaultReason::Blank)),
            (".", Err(FaultReason::OnlyDots)),
            ("..", Err(FaultReason::OnlyDots)),
            (". . .", Err(FaultReason::OnlyDots)),
            (".\u{200b}.", Err(FaultReason::OnlyDots)),
            ("…", Err(FaultReason::OnlyDots)),
            ("\u{2024}\u{2025}\u{fe19}\u{fe52}\u{ff0e}", Err(FaultReason::OnlyDots)),
        ] {
            assert_eq!(check_name(text), checked, "{text:?}");
            let dots_are_fine =
                checked.or_else(|fault| if fault == FaultReason::OnlyDots { Ok(()) } else { Err(fault) });
            assert_eq!(check_text(text), dots_are_fine, "{text:?}");
        }
    }

    #[test]
    fn line_breaks_and_bidi_controls_are_refused_anywhere() {
        let bidi = ['\u{61c}', '\u{200e}', '\u{200f}'].into_iter().chain('\u{202a}'..='\u{202e}');
        let bidi = bidi.chain('\u{2066}'..='\u{2069}');
        let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}').chain(['\u{2028}', '\u{2029}']);
        for refused in bidi.chain(controls) {
            for text in [format!("a{refused}b"), format!("שלום{refused}!"), format!("{refused}a")] {
                assert_eq!(check_name(&text), Err(FaultReason::ControlCharacter), "{text:?}");
                assert_eq!(check_text(&text), Err(FaultReason::ControlCharacter), "{text:?}");
            }
        }
        for neighbour in ['\u{200d}', '\u{2010}', '\u{2029}', '\u{202f}', '\u{2065}', '\u{206a}'] {
            assert!(!is_bidi_control(neighbour), "{neighbour:?}");
        }
    }

    #[test]
    fn the_invisible_ranges_are_sorted_and_disjoint() {
        assert!(INVISIBLE.iter().all(|(first, last)| first <= last));
        assert!(INVISIBLE.is_sorted_by(|(_, last), (first, _)| last < first));
    }

    proptest! {
        #[test]
        fn an_accepted_name_is_visible_and_parses_again(
            text in r"[a. \u{a0}\u{200b}\u{200d}\u{202e}\u{2069}\u{2028}\u{3164}\u{feff}\u{2026}é💇\n]{0,8}",
        ) {
            if let Ok(name) = Name::parse(&text) {
                let name = name.as_str();
                prop_assert!(name.chars().any(|c| matches!(c, 'a' | 'é' | '💇')));
                let refused = ['\u{202e}', '\u{2069}', '\u{2028}', '\n'];
                prop_assert!(!name.contains(refused));
                prop_assert_eq!(name, text.trim());
                prop_assert!(Name::parse(name).is_ok() && Notes::parse(name).is_ok());
            }
            if let Ok(username) = Username::parse(&text) {
                prop_assert!(username.as_str().contains('a'));
            }
        }
    }
}
