// Our side of tools/bench/rego_bench.py and tools/parity/rego_parity.py.
//
//   rego_bench_runner answer FILE             a line of JSON for each case
//   rego_bench_runner time FILE SECONDS N     evaluations of the first case by N threads
//   rego_bench_runner calls FILE              a line of JSON for each call (calls.h)
//   rego_bench_runner mallocs FILE            the same, with how often each asked for memory
//
// A case file is one JSON object a line: {"name", "modules": {file: text}, "query":
// "data.a.b", "rego_version": 0 or 1, "data": {…} or "data_file": path, "inputs": […],
// "strict_builtin_errors", "without_type_check"}. An answer is {"name", "answers": [{"value": …} |
// {} | {"error": code}]}, or {"name", "error": code} where it does not compile. go/ and rust/ do
// the same for OPA and regorus.
//
// What is measured is what a server does for each request after it has read it: the machine, the
// program and the data are ready, the input is parsed. Calls of malloc are counted in the threads
// that evaluate.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "calls.h"
#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"
#include "text/json.h"

namespace {

thread_local std::uint64_t allocations = 0;

}  // namespace

// The C library's own, below ours that count.
extern "C" {
void* __libc_malloc(std::size_t bytes);                    // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* old, std::size_t bytes);        // NOLINT(bugprone-reserved-identifier)

void* malloc(std::size_t bytes) {
    ++allocations;
    return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t size) {
    ++allocations;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t bytes) {
    ++allocations;
    return __libc_realloc(old, bytes);
}
}

namespace {

using namespace merlon;
using value::Value;
using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "rego_bench_runner: %s\n", why.c_str());
    std::exit(2);
}

std::string read_whole(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("cannot open " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_of(const Value& object, std::string_view name) {
    const Value* found = object.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

bool holds(const Value& object, std::string_view name) {
    const Value* found = object.find(name);
    return found != nullptr && found->is_boolean() && found->as_boolean();
}

// One case, ready to be evaluated by any number of threads.
struct Prepared {
    std::unique_ptr<const rego::Program> program;
    std::string error;  // a code, where it does not compile
    std::string error_text;
    Value data;
    std::vector<Value> inputs;
    rego::MachineOptions options;
};

class Case {
  public:
    explicit Case(std::string_view text) {
        // The inputs and data are long; what they are read from is not kept.
        auto read = text::read_json(text, arena_, interner_);
        if (!read.ok()) fail("the case file: " + read.error().message);
        root_ = *read.value().root;
    }

    const Value& root() const { return root_; }
    Arena& arena() { return arena_; }
    Interner& interner() { return interner_; }

    Prepared prepare() {
        Prepared made;
        const Value* version = root_.find("rego_version");
        rego::syntax::ParseOptions options;
        options.version = version != nullptr && version->is_number() && version->as_integer() == 0
                              ? rego::syntax::RegoVersion::kV0
                              : rego::syntax::RegoVersion::kV1;
        options.annotations = rego::syntax::ReadAnnotations::kYes;
        std::vector<rego::compiler::SourceModule> modules;
        std::vector<std::string> names;
        const Value* sources = root_.find("modules");
        for (std::size_t i = 0; sources != nullptr && i < sources->size(); ++i) {
            const std::string name(sources->keys()[i].as_string());
            auto parsed = rego::syntax::parse_module(sources->values()[i].as_string(), arena_,
                                                     interner_, options);
            if (parsed.module == nullptr) {
                made.error = "rego_parse_error";
                made.error_text = rego::syntax::to_string(parsed.errors, name);
                return made;
            }
            modules.push_back({name, parsed.module});
        }
        const std::string query_text = text_of(root_, "query");
        const auto query =
            rego::syntax::parse_query("x = " + query_text, arena_, interner_, options);
        if (!query.errors.empty()) fail("the query does not parse: " + query_text);
        const rego::compiler::SourceQuery queries[] = {{"bench", query.body}};
        rego::compiler::CompileOptions choices;
        if (holds(root_, "without_type_check")) {
            choices.types = rego::compiler::TypeChecks::kNone;
        }
        auto compiled = rego::compiler::compile(modules, queries, choices);
        if (compiled.program == nullptr) {
            made.error = std::string(compiled.errors[0].code);
            made.error_text = rego::compiler::to_string(compiled.errors);
            return made;
        }
        made.program = std::move(compiled.program);
        value::Builder builder(arena_, interner_);
        made.data = builder.object({});
        if (const std::string path = text_of(root_, "data_file"); !path.empty()) {
            auto read = text::read_json(read_whole(path), arena_, interner_);
            if (!read.ok()) fail(path + ": " + read.error().message);
            made.data = *read.value().root;
        } else if (const Value* data = root_.find("data"); data != nullptr && data->is_object()) {
            made.data = *data;
        }
        if (const Value* inputs = root_.find("inputs"); inputs != nullptr && inputs->is_array()) {
            made.inputs.assign(inputs->items().begin(), inputs->items().end());
        }
        made.options.world.now_nanoseconds = 1'700'000'000'000'000'000;
        made.options.world.zone_directory = "/usr/share/zoneinfo";
        if (holds(root_, "strict_builtin_errors")) {
            made.options.builtin_errors = rego::BuiltinErrors::kStrict;
        }
        return made;
    }

  private:
    Arena arena_;
    Interner interner_;
    Value root_;
};

std::string answer(Case& one) {
    const Prepared made = one.prepare();
    std::string out;
    text::JsonWriter json(out, {}, text::JsonEscapes::kGo);
    json.begin_object().member("name", text_of(one.root(), "name"));
    if (made.program == nullptr) {
        json.member("error", made.error).member("text", made.error_text).end_object();
        return out;
    }
    rego::Machine machine(*made.program, made.options);
    json.key("answers").begin_array();
    for (const Value& input : made.inputs) {
        const rego::Evaluation& evaluation = machine.run(0, input, made.data);
        json.begin_object();
        if (evaluation.error) {
            json.member("error", rego::code(evaluation.error->kind));
        } else if (!evaluation.results.empty()) {
            const Value* value = evaluation.results[0].find("x");
            if (value != nullptr) {
                value::Builder builder(one.arena(), one.interner());
                json.key("value").raw(rego::json_text(rego::to_json(*value, builder)));
            }
        }
        json.end_object();
    }
    json.end_array().end_object();
    return out;
}

std::uint64_t resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6)) * 1024;
    }
    return 0;
}

double cpu_seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Measured {
    double cpu_seconds = 0;
    std::uint64_t evaluations = 0;
    std::uint64_t allocations = 0;
};

Measured run(rego::Machine& machine, const Prepared& made, std::chrono::duration<double> limit) {
    Measured measured;
    const std::uint64_t allocations_before = allocations;
    const double cpu_before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    const auto start = Clock::now();
    for (std::uint64_t batch = 1;;) {
        for (std::uint64_t i = 0; i < batch; ++i) {
            const Value& input = made.inputs[measured.evaluations++ % made.inputs.size()];
            const rego::Evaluation& evaluation = machine.run(0, input, made.data);
            if (evaluation.error) fail(evaluation.error->to_string());
        }
        const auto spent = Clock::now() - start;
        if (spent >= limit) break;
        if (spent < limit / 100) batch *= 2;
    }
    measured.allocations = allocations - allocations_before;
    measured.cpu_seconds = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
    return measured;
}

// A loop that shares nothing: how far the computer itself scales.
std::uint64_t plain_loop(std::chrono::duration<double> limit) {
    std::uint64_t rounds = 0;
    std::uint64_t state = 1;
    for (const auto start = Clock::now(); Clock::now() - start < limit; ++rounds) {
        for (int i = 0; i < 10'000; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            state ^= state >> 29;
        }
    }
    return state == 0 ? rounds + 1 : rounds;
}

void measure(Case& one, double seconds, int threads) {
    const Prepared made = one.prepare();
    if (made.program == nullptr) fail(made.error_text);
    const std::uint64_t resident = resident_bytes();
    std::vector<Measured> all(static_cast<std::size_t>(threads));
    std::vector<std::uint64_t> plain(all.size());
    std::atomic<int> warm{0};
    double spent = 0;
    double plain_spent = 0;
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < all.size(); ++i) {
        workers.emplace_back([&, i] {
            const auto limit = std::chrono::duration<double>(seconds);
            const auto wait_for = [&](int count) {
                ++warm;
                while (warm < count * threads) std::this_thread::yield();
            };
            rego::Machine machine(*made.program, made.options);
            static_cast<void>(run(machine, made, limit * 0.3));
            wait_for(1);
            const auto start = Clock::now();
            all[i] = run(machine, made, limit);
            wait_for(2);
            if (i == 0) spent = std::chrono::duration<double>(Clock::now() - start).count();
            const auto plain_start = Clock::now();
            plain[i] = plain_loop(limit * 0.3);
            wait_for(3);
            if (i == 0) {
                plain_spent = std::chrono::duration<double>(Clock::now() - plain_start).count();
            }
        });
    }
    for (std::thread& worker : workers) worker.join();
    Measured total;
    std::uint64_t plain_total = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        total.evaluations += all[i].evaluations;
        total.allocations += all[i].allocations;
        total.cpu_seconds += all[i].cpu_seconds;
        plain_total += plain[i];
    }
    std::printf(
        "{\"evaluations\":%llu,\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"resident_bytes\":%llu,"
        "\"allocations\":%llu,"
        "\"plain_rounds\":%llu,\"plain_seconds\":%.6f}\n",
        static_cast<unsigned long long>(total.evaluations), spent, total.cpu_seconds,
        static_cast<unsigned long long>(resident),
        static_cast<unsigned long long>(total.allocations),
        static_cast<unsigned long long>(plain_total), plain_spent);
}

}  // namespace

int main(int word_count, char** words) {
    if (word_count < 3)
        fail("usage: answer FILE, calls FILE, mallocs FILE, or time FILE SECONDS THREADS");
    const std::string verb = words[1];
    const std::string text = read_whole(words[2]);
    bench::Calls calls;
    // One case a line: each is let go before the next is read.
    std::string_view left = text;
    while (!left.empty()) {
        const std::size_t end = left.find('\n');
        const std::string_view line = left.substr(0, end);
        left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
        if (line.empty()) continue;
        if (verb == "calls" || verb == "mallocs") {
            const std::string answered =
                calls.answer(line, verb == "mallocs" ? &allocations : nullptr);
            if (answered.starts_with('!')) fail(answered);
            std::printf("%s\n", answered.c_str());
            continue;
        }
        Case one(line);
        if (verb == "answer") {
            std::printf("%s\n", answer(one).c_str());
            continue;
        }
        if (word_count < 5) fail("usage: time FILE SECONDS THREADS");
        measure(one, std::atof(words[3]), std::atoi(words[4]));
        return 0;
    }
    return 0;
}
