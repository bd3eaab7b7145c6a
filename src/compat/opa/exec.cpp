#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/hex.h"
#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/seen_world.h"
#include "compat/opa/watching.h"
#include "rego/go_time.h"
#include "rego/machine.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::uint64_t kMaxInputBytes = std::uint64_t{1} << 30;
constexpr std::string_view kDefaultDecision = "/system/main";
constexpr std::string_view kFromStandardInput = "--stdin-input";

// strconv.ParseInt, in the base of ten.
std::optional<std::int64_t> integer_of(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, failed] = std::from_chars(text.data(), end, number);
    return failed == std::errc{} && stopped == end ? std::optional(number) : std::nullopt;
}

// A version 4 UUID.
std::string new_decision_id() {
    std::random_device chance;
    std::string bytes;
    while (bytes.size() < 16) {
        const std::uint32_t word = chance();
        for (int shift = 0; shift < 32; shift += 8) {
            bytes += static_cast<char>(static_cast<unsigned char>(word >> shift));
        }
    }
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0F) | 0x40);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3F) | 0x80);
    std::string text = to_hex(bytes);
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
    return text;
}

// One decision, asked for each of several inputs.
class Execution {
  public:
    Execution(const ParsedCommand& command, const Outside& outside)
        : command_(command),
          outside_(outside),
          loader_(arena_, interner_, version_of(command)),
          json_(out_, "  ", text::JsonEscapes::kGo) {}

    int run();

  private:
    enum class Outcome : std::uint8_t { kResult, kUndefined, kError, kUnread };

    int fail(const std::string& message) {
        outside_.write_error("error: " + message + "\n");
        return kWronglyAsked;
    }
    rego::compiler::CompileOptions options() {
        return CompileFlags().options(rego::compiler::Prints::kKept, outside_, loader_);
    }
    bool compile();
    Status execute_file(const std::string& path);
    Status execute_folder(const std::string& path);
    void execute(const std::string& path, const Value& input);
    void report_error(const std::string& path, ShownError error, Outcome outcome);
    // What --fail and its like say of it.
    void count(Outcome outcome, const Value* result);
    bool fails() const {
        return command_.is_set("fail") || command_.is_set("fail-defined") ||
               command_.is_set("fail-non-empty");
    }
    std::string inside_of_bundle(const std::string& file) const;

    const ParsedCommand& command_;
    const Outside& outside_;
    Arena arena_;
    Interner interner_;
    value::Builder values_{arena_, interner_};
    Loader loader_;
    std::string decision_;
    std::vector<rego::compiler::SourceModule> modules_;
    std::vector<rego::compiler::SourceQuery> queries_;
    std::unique_ptr<const rego::Program> program_;
    std::optional<SeenWorld> seen_;  // by the machine
    std::unique_ptr<rego::Machine> machine_;
    std::vector<ShownError> errors_;  // of the decision, whatever the input
    std::string out_;
    text::JsonWriter json_;
    std::size_t failures_ = 0;
    std::size_t counted_errors_ = 0;
};

// Places are told from the root of a bundle, as that is what is known of one that was fetched.
std::string Execution::inside_of_bundle(const std::string& file) const {
    for (const std::string& bundle : command_.list("bundle")) {
        const std::string folder = folder_name(bundle) + "/";
        if (file.starts_with(folder)) return file.substr(folder.size() - 1);
    }
    return file.starts_with('/') || file.empty() ? file : "/" + file;
}

bool Execution::compile() {
    std::string query = "data";
    std::string_view rest = decision_;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    // As OPA's paths of documents: a step that reads as an integer is one, and one may be empty.
    for (bool goes_on = !rest.empty(); goes_on;) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view step = rest.substr(0, end);
        goes_on = end < rest.size();
        rest.remove_prefix(std::min(end + 1, rest.size()));
        query += '[';
        if (const auto number = integer_of(step)) {
            query += std::to_string(*number);
        } else {
            text::append_json_string(query, step, text::JsonEscapes::kMinimal);
        }
        query += ']';
    }
    const auto parsed = rego::syntax::parse_query(query, arena_, interner_, {});
    for (const auto& error : parsed.errors) errors_.push_back(shown(error, ""));
    if (!errors_.empty()) return false;
    queries_.push_back(
        {"exec", parsed.body, rego::compiler::QueryResult::kBindingsAndValues, nullptr});
    // Annotations are not read here, and so types are those that policies show.
    for (const rego::compiler::SourceModule& module : without_schemas(loader_.modules(), arena_)) {
        modules_.push_back({inside_of_bundle(module.file), module.module});
    }
    auto compiled = rego::compiler::compile(modules_, queries_, options());
    bool is_of_query = true;
    for (const auto& error : compiled.errors) {
        errors_.push_back(shown(error));
        is_of_query = is_of_query && error.file.empty();
    }
    program_ = std::move(compiled.program);
    // What is wrong with the question is an answer for each input.
    return is_of_query;
}

void Execution::count(Outcome outcome, const Value* result) {
    const bool is_null = result != nullptr && result->is_null();
    if (outcome == Outcome::kResult) {
        const bool is_empty_list = result->is_array() && result->size() == 0;
        if (command_.is_set("fail-defined") && !is_null) ++failures_;
        if (command_.is_set("fail") && is_null) ++failures_;
        if (command_.is_set("fail-non-empty") && !is_null && !is_empty_list) ++failures_;
        return;
    }
    const bool is_undefined = outcome == Outcome::kUndefined;
    const bool is_counted =
        outcome == Outcome::kUnread ? fails() : command_.is_set("fail") == is_undefined && fails();
    if (is_counted) ++counted_errors_;
}

void Execution::report_error(const std::string& path, ShownError error, Outcome outcome) {
    json_.begin_object().member("path", path).key("error").begin_object();
    if (!error.code.empty()) json_.member("code", error.code);
    json_.member("message", error.message);
    if (error.has_place) {
        json_.key("location").begin_object().member("file", error.file);
        json_.key("row").integer(error.row).key("col").integer(error.column).end_object();
    }
    json_.end_object().end_object();
    count(outcome, nullptr);
}

void Execution::execute(const std::string& path, const Value& input) {
    if (!errors_.empty()) {
        json_.begin_object().member("path", path).key("error").begin_array();
        for (const ShownError& error : errors_) {
            json_.begin_object().member("code", error.code).member("message", error.message);
            json_.key("location").begin_object().member("file", error.file);
            json_.key("row").integer(error.row).key("col").integer(error.column);
            json_.end_object();
            if (!error.details_json.empty()) json_.key("details").raw(error.details_json);
            json_.end_object();
        }
        json_.end_array().end_object();
        return count(Outcome::kError, nullptr);
    }
    seen_->forget();
    const rego::Evaluation& evaluation = machine_->run(0, input, loader_.data());
    if (evaluation.error) {
        const auto error = with_conflicts(*evaluation.error, {.modules = modules_,
                                                              .queries = queries_,
                                                              .options = options(),
                                                              .input = std::optional<Value>(input),
                                                              .data = loader_.data(),
                                                              .cancel = outside_.cancel,
                                                              .world = seen_->next_run(outside_)});
        return report_error(path, shown(error), Outcome::kError);
    }
    if (evaluation.results.empty()) {
        return report_error(
            path, {.message = decision_ + " decision was undefined", .code = "opa_undefined_error"},
            Outcome::kUndefined);
    }
    const Value result = rego::to_json(evaluation.results[0].items()[1].items()[0], values_);
    json_.begin_object().member("decision_id", new_decision_id()).member("path", path);
    json_.key("result").value(result).end_object();
    count(Outcome::kResult, &result);
}

Status Execution::execute_file(const std::string& path) {
    const std::string extension = std::filesystem::path(path).extension();
    if (extension != ".json" && extension != ".yaml" && extension != ".yml") return {};
    const auto text = read_text_file(path, kMaxInputBytes);
    const auto input =
        text.ok() ? loader_.read_value(text.value(), "") : Result<Value>(text.error());
    if (input.ok()) {
        execute(path, input.value());
        return {};
    }
    const std::string wrong = unread(input.error(), path).to_string();
    outside_.write_error("error: " + wrong + "\n");
    report_error(path, {.message = wrong}, Outcome::kUnread);
    return {};
}

// Files and folders by their names, as Go walks.
Status Execution::execute_folder(const std::string& path) {
    std::error_code code;
    const auto status = std::filesystem::symlink_status(path, code);
    if (!std::filesystem::exists(status)) {
        return Error{"exec error: lstat " + path + ": no such file or directory"};
    }
    if (!std::filesystem::is_directory(status)) return execute_file(path);
    std::vector<std::string> names;
    for (auto at = std::filesystem::directory_iterator(path, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
        names.push_back(at->path().filename().string());
    }
    if (code) return Error{"exec error: open " + path + ": " + code.message()};
    std::ranges::sort(names);
    const std::string folder = folder_name(path);
    for (const std::string& name : names) {
        MERLON_TRY(execute_folder(folder.empty() ? name : folder + "/" + name));
    }
    return {};
}

int Execution::run() {
    if (command_.arguments.empty() && !command_.is_set("stdin-input")) {
        return fail("requires at least 1 path arg, or the --stdin-input flag");
    }
    if (command_.is_set("fail") && command_.is_set("fail-defined")) {
        return fail("exec error: specify --fail or --fail-defined but not both");
    }
    if (command_.is_set("fail-non-empty") &&
        (command_.is_set("fail") || command_.is_set("fail-defined"))) {
        return fail("exec error: specify --fail-non-empty or " +
                    std::string(command_.is_set("fail") ? "--fail" : "--fail-defined") +
                    " but not both");
    }
    decision_ = command_.text("decision").empty() ? kDefaultDecision : command_.text("decision");
    load_data(command_, outside_, loader_);
    if (!loader_.errors().empty()) return fail(to_string(loader_.errors()));
    if (const std::string unverified = unverified_bundle(command_, loader_); !unverified.empty()) {
        return fail(unverified);
    }
    if (!compile()) return fail(to_string(errors_));
    if (outside_.cancel != nullptr && outside_.cancel->cancelled()) {
        return fail("exec error: timed out before the policies were ready");
    }
    if (program_ != nullptr) {
        rego::MachineOptions options;
        options.cancel = outside_.cancel;
        seen_.emplace(outside_);
        options.world = seen_->next_run(outside_);
        machine_ = std::make_unique<rego::Machine>(*program_, options);
    }
    json_.begin_object().key("result").begin_array();
    if (command_.is_set("stdin-input")) {
        const auto text = outside_.read_input();
        if (!text.ok()) return fail(text.error().to_string());
        if (text.value().find_first_not_of(" \t\r\n") == std::string::npos) {
            return fail(
                "exec error: cannot execute on empty input; expected JSON or YAML on "
                "standard input with --stdin-input");
        }
        const auto input = loader_.read_value(text.value(), "");
        if (!input.ok()) return fail("exec error: " + unread(input.error(), "<stdin>").to_string());
        execute(std::string(kFromStandardInput), input.value());
    }
    for (const std::string& path : command_.arguments) {
        const Status done = execute_folder(path);
        if (!done.ok()) return fail(done.error().to_string());
    }
    json_.end_array().end_object();
    const int printed = print(outside_, out_ + "\n", 0);
    if (printed != 0 || failures_ + counted_errors_ == 0) return printed;
    std::string_view flag = "--fail-non-empty";
    if (command_.is_set("fail")) flag = "--fail";
    if (command_.is_set("fail-defined")) flag = "--fail-defined";
    return fail("exec error: there were " + std::to_string(failures_) + " failures and " +
                std::to_string(counted_errors_) + " errors counted in the results list, and " +
                std::string(flag) + " is set");
}

}  // namespace

int run_exec(const ParsedCommand& command, const Outside& outside) {
    const auto timeout = timeout_of(command);
    if (!timeout.ok()) {
        return wrongly_asked(command, outside, timeout.error().message);
    }
    // A time that is over before it begins is a time, too.
    const bool is_past =
        command.is_set("timeout") && rego::parse_duration(command.text("timeout")).value_or(0) < 0;
    const OutsideUntil until(is_past ? std::optional<std::int64_t>(1) : timeout.value(), outside,
                             allowed_hosts(command));
    const int code = Execution(command, until.outside()).run();
    const bool is_cancelled = outside.cancel != nullptr && outside.cancel->cancelled();
    if (!is_cancelled) return code;
    outside.write_error("error: the run was cancelled; the results are incomplete\n");
    return kFailed;
}

}  // namespace merlon::compat::opa
