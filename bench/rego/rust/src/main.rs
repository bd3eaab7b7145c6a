//! rego_bench_rust is the side of regorus in tools/bench/rego_bench.py; ../../runner.cpp says what a case
//! file is.
//!
//!   rego_bench_rust interpreter|machine answer FILE          a line of JSON for each case
//!   rego_bench_rust interpreter|machine time FILE SECONDS N  evaluations of the first case by N threads

use std::sync::Arc;
use std::time::{Duration, Instant};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::{ExecutionMode, RegoVM};
use regorus::{CompiledPolicy, Engine, Value};
use serde_json::Value as Json;

type Failure = Box<dyn std::error::Error>;

/// One evaluator for each thread: the interpreter shares its compiled policy, the machine its program.
enum Evaluator {
    Interpreter(CompiledPolicy),
    Machine(Box<RegoVM>),
}

impl Evaluator {
    fn evaluate(&mut self, input: &Value) -> Result<Value, Failure> {
        match self {
            Evaluator::Interpreter(policy) => Ok(policy.eval_with_input(input.clone())?),
            Evaluator::Machine(machine) => {
                machine.set_input(input.clone());
                Ok(machine.execute()?)
            }
        }
    }
}

struct Prepared {
    policy: CompiledPolicy,
    program: Option<Arc<regorus::rvm::program::Program>>,
    data: Value,
    inputs: Vec<Value>,
}

impl Prepared {
    fn new(one: &Json, is_machine: bool) -> Result<Self, Failure> {
        let mut engine = Engine::new();
        engine.set_rego_v0(one.get("rego_version").and_then(Json::as_i64) == Some(0));
        engine.set_strict_builtin_errors(false);
        for (name, text) in one["modules"].as_object().ok_or("no modules")? {
            engine.add_policy(name.clone(), text.as_str().ok_or("no text")?.to_string())?;
        }
        let data = match one.get("data_file").and_then(Json::as_str) {
            Some(path) if !path.is_empty() => Value::from_json_file(path)?,
            _ => Value::from_json_str(&one.get("data").unwrap_or(&Json::Null).to_string())?,
        };
        let data = if data == Value::Null { Value::new_object() } else { data };
        engine.add_data(data.clone())?;
        let query = one["query"].as_str().ok_or("no query")?;
        let policy = engine.compile_with_entrypoint(&query.into())?;
        let program = match is_machine {
            true => Some(Compiler::compile_from_policy(&policy, &[query])?),
            false => None,
        };
        let mut inputs = Vec::new();
        for input in one["inputs"].as_array().ok_or("no inputs")? {
            inputs.push(Value::from_json_str(&input.to_string())?);
        }
        Ok(Prepared { policy, program, data, inputs })
    }

    fn evaluator(&self) -> Result<Evaluator, Failure> {
        let Some(program) = &self.program else {
            return Ok(Evaluator::Interpreter(self.policy.clone()));
        };
        let mut machine = RegoVM::new();
        machine.set_execution_mode(ExecutionMode::RunToCompletion);
        machine.load_program(program.clone());
        machine.set_data(self.data.clone())?;
        machine.set_max_instructions(usize::MAX);
        Ok(Evaluator::Machine(Box::new(machine)))
    }
}

fn answer(one: &Json, is_machine: bool) -> Json {
    let name = one["name"].clone();
    let made = Prepared::new(one, is_machine).and_then(|made| Ok((made.evaluator()?, made)));
    let (mut evaluator, made) = match made {
        Ok(made) => made,
        Err(error) => return serde_json::json!({"name": name, "error": error.to_string()}),
    };
    let mut answers = Vec::new();
    for input in &made.inputs {
        answers.push(match evaluator.evaluate(input) {
            Ok(Value::Undefined) => serde_json::json!({}),
            Ok(value) => serde_json::json!({
                "value": serde_json::from_str::<Json>(&value.to_json_str().unwrap_or_default()).unwrap_or_default()
            }),
            Err(error) => serde_json::json!({"error": error.to_string()}),
        });
    }
    serde_json::json!({"name": name, "answers": answers})
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

/// Of all threads, in the hundredths of a second that Linux counts.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    [11, 12].iter().filter_map(|&i| fields.get(i)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn run(mut evaluator: Evaluator, inputs: &[Value], limit: Duration) -> Result<u64, Failure> {
    let (mut count, mut batch) = (0u64, 1u64);
    let start = Instant::now();
    loop {
        for _ in 0..batch {
            evaluator.evaluate(&inputs[count as usize % inputs.len()])?;
            count += 1;
        }
        let spent = start.elapsed();
        if spent >= limit {
            return Ok(count);
        }
        if spent < limit / 100 {
            batch *= 2;
        }
    }
}

fn measure(one: &Json, is_machine: bool, seconds: f64, threads: usize) -> Result<Json, Failure> {
    let made = Prepared::new(one, is_machine)?;
    let resident = resident_bytes();
    let all = |seconds: f64| -> Result<(u64, f64), Failure> {
        let start = Instant::now();
        let limit = Duration::from_secs_f64(seconds);
        let total = std::thread::scope(|scope| -> Result<u64, Failure> {
            let mut workers = Vec::new();
            for _ in 0..threads {
                let evaluator = made.evaluator()?;
                let inputs = &made.inputs;
                workers.push(scope.spawn(move || run(evaluator, inputs, limit).map_err(|e| e.to_string())));
            }
            let mut total = 0;
            for worker in workers {
                total += worker.join().map_err(|_| "a worker failed")??;
            }
            Ok(total)
        })?;
        Ok((total, start.elapsed().as_secs_f64()))
    };
    all(seconds * 0.3)?;
    let before = cpu_seconds();
    let (evaluations, spent) = all(seconds)?;
    let cpu = cpu_seconds() - before;
    Ok(serde_json::json!({
        "evaluations": evaluations, "seconds": spent, "cpu_seconds": cpu, "resident_bytes": resident
    }))
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().collect();
    if words.len() < 4 {
        return Err("usage: interpreter|machine answer FILE, or interpreter|machine time FILE SECONDS THREADS".into());
    }
    let is_machine = words[1] == "machine";
    let text = std::fs::read_to_string(&words[3])?;
    for one in serde_json::Deserializer::from_str(&text).into_iter::<Json>() {
        let one = one?;
        if words[2] == "answer" {
            println!("{}", answer(&one, is_machine));
            continue;
        }
        println!("{}", measure(&one, is_machine, words[4].parse()?, words[5].parse()?)?);
        return Ok(());
    }
    Ok(())
}
