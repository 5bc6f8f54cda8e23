//! "Did you mean": the nearest known word, if it is near.

/// The candidate that a misspelt word was most likely meant to be: one that looks alike, or one slip of a finger away,
/// which in a short word leaves little that is alike.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (candidate, candidate.to_lowercase()))
        .map(|(candidate, lower)| (one_slip(&word, &lower), strsim::jaro_winkler(&word, &lower), candidate))
        .filter(|(one_slip, likeness, _)| *one_slip || *likeness > 0.8)
        .max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(_, _, candidate)| candidate)
}

/// Whether one letter is missing, too many, another one, or in its neighbour's place.
fn one_slip(word: &str, candidate: &str) -> bool {
    let long = |text: &str| text.chars().nth(1).is_some();
    long(word) && long(candidate) && strsim::damerau_levenshtein(word, candidate) <= 1
}

/// The candidate as a hint.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}
