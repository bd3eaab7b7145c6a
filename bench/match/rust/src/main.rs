//! Measures Rust's regex crate on the case on its standard input; ../case.h says what a case is,
//! ../runner.cpp is the same for the C++ libraries.

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};
use std::io::Read;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Case {
    model: String,
    patterns: Vec<String>,
    haystacks: Vec<Vec<u8>>,
    unicode: bool,
    fold_case: bool,
    warmup: Duration,
    time: Duration,
    most_rounds: u64,
}

fn fail(message: &str) -> ! {
    eprintln!("match_bench_rust: {message}");
    std::process::exit(2);
}

fn read_case(mut data: &[u8]) -> Case {
    let mut case = Case { most_rounds: 1, ..Case::default() };
    while !data.is_empty() {
        let colon = |d: &[u8]| d.iter().position(|&b| b == b':').unwrap_or_else(|| fail("a key was expected"));
        let at = colon(data);
        let key = String::from_utf8_lossy(&data[..at]).into_owned();
        data = &data[at + 1..];
        let at = colon(data);
        let length: usize = String::from_utf8_lossy(&data[..at]).parse().unwrap_or(usize::MAX);
        data = &data[at + 1..];
        if length >= data.len() {
            fail("a value is cut short");
        }
        let value = &data[..length];
        data = &data[length + 1..];
        let text = String::from_utf8_lossy(value);
        let number = text.parse::<u64>().unwrap_or(0);
        match key.as_str() {
            "model" => case.model = text.into_owned(),
            "pattern" => case.patterns.push(text.into_owned()),
            "haystack" => case.haystacks.push(value.to_vec()),
            "unicode" => case.unicode = value == b"true",
            "case-insensitive" => case.fold_case = value == b"true",
            "max-iters" => case.most_rounds = number,
            "max-time" => case.time = Duration::from_nanos(number),
            "max-warmup-time" => case.warmup = Duration::from_nanos(number),
            _ => {}
        }
    }
    case
}

fn compile_all(case: &Case) -> Vec<Regex> {
    case.patterns
        .iter()
        .map(|pattern| {
            RegexBuilder::new(pattern)
                .unicode(case.unicode)
                .case_insensitive(case.fold_case)
                .size_limit(1 << 30)
                .build()
                .unwrap_or_else(|error| fail(&error.to_string()))
        })
        .collect()
}

fn count_captures(regex: &Regex, locations: &mut CaptureLocations, text: &[u8]) -> u64 {
    let mut total = 0;
    let mut at = 0;
    while let Some(found) = regex.captures_read_at(locations, text, at) {
        total += (0..locations.len()).filter(|&i| locations.get(i).is_some()).count() as u64;
        at = if found.end() > found.start() { found.end() } else { found.end() + 1 };
        if at > text.len() {
            break;
        }
    }
    total
}

fn each_line(mut text: &[u8], mut on_line: impl FnMut(&[u8])) {
    while !text.is_empty() {
        let end = memchr::memchr(b'\n', text);
        let line = &text[..end.unwrap_or(text.len())];
        text = &text[end.map_or(text.len(), |end| end + 1)..];
        on_line(line.strip_suffix(b"\r").unwrap_or(line));
    }
}

fn search(all: &[Regex], case: &Case) -> u64 {
    let mut total = 0;
    let mut locations = all[0].capture_locations();
    for text in &case.haystacks {
        match case.model.as_str() {
            "compile" | "count" | "set" => {
                for regex in all {
                    total += regex.find_iter(text).count() as u64;
                }
            }
            "count-spans" => total += all[0].find_iter(text).map(|found| found.len() as u64).sum::<u64>(),
            "count-captures" => total += count_captures(&all[0], &mut locations, text),
            "grep" => each_line(text, |line| total += u64::from(all[0].is_match(line))),
            "grep-captures" => each_line(text, |line| total += count_captures(&all[0], &mut locations, line)),
            "short" => total += u64::from(all[0].is_match(text)),
            model => fail(&format!("the model '{model}' is not known")),
        }
    }
    total
}

fn main() {
    let mut data = Vec::new();
    if std::io::stdin().read_to_end(&mut data).is_err() {
        fail("the case cannot be read");
    }
    let case = read_case(&data);
    let mut all = compile_all(&case);
    let mut once = || {
        let start = Instant::now();
        if case.model == "compile" {
            all = compile_all(&case);
            let built = start.elapsed();
            return (built, search(&all, &case));
        }
        let count = search(&all, &case);
        (start.elapsed(), count)
    };
    let start = Instant::now();
    for _ in 0..case.most_rounds {
        once();
        if start.elapsed() >= case.warmup {
            break;
        }
    }
    let begin = Instant::now();
    for _ in 0..case.most_rounds {
        let (took, count) = once();
        println!("{},{count}", took.as_nanos());
        if begin.elapsed() >= case.time {
            break;
        }
    }
}
