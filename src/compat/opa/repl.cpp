#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load.h"
#include "compat/opa/repl_session.h"

namespace merlon::compat::opa {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

// The lines of standard input as they come, so that a person is answered before the next one.
class Lines {
  public:
    explicit Lines(const Outside& outside) : outside_(outside) {}

    // None: the end.
    Result<std::optional<std::string>> next() {
        while (true) {
            const std::size_t end = text_.find('\n', begin_);
            if (end != std::string::npos || (is_at_end_ && begin_ < text_.size())) {
                std::string line = text_.substr(begin_, end - begin_);
                begin_ = std::min(end, text_.size() - 1) + 1;
                return std::optional(std::move(line));
            }
            if (is_at_end_) return std::optional<std::string>();
            text_.erase(0, begin_);
            begin_ = 0;
            if (text_.size() > kMaxLineBytes) return Error{"a line is longer than 64 MiB"};
            MERLON_TRY(read_more());
        }
    }

  private:
    Status read_more() {
        if (!outside_.read_some) {
            text_ += MERLON_TRY(outside_.read_input());
            is_at_end_ = true;
            return {};
        }
        char buffer[4096];
        const std::size_t count = MERLON_TRY(outside_.read_some(buffer));
        text_.append(buffer, count);
        is_at_end_ = count == 0;
        return {};
    }

    const Outside& outside_;
    std::string text_;
    std::size_t begin_ = 0;
    bool is_at_end_ = false;
};

}  // namespace

int run_repl(const ParsedCommand& command, const Outside& outside) {
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_of(command));
    load_data(command, outside, loader);
    if (!loader.errors().empty()) {
        outside.write_error(to_string(loader.errors()) + "\n");
        return kFailed;
    }
    const auto compiled = rego::compiler::compile(
        loader.modules(), {},
        CompileFlags().options(rego::compiler::Prints::kKept, outside, loader));
    if (!compiled.errors.empty()) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        outside.write_error(to_string(errors) + "\n");
        return kFailed;
    }
    ReplSession repl(command, outside, loader, arena, interner);
    if (command.is_set("input")) {
        const auto text = read_text_file(command.text("input"), std::uint64_t{1} << 30);
        const auto read =
            text.ok() ? loader.read_input(text.value(), command.text("input")) : text.error();
        if (!read.ok()) {
            outside.write_error(read.error().to_string() + "\n");
            return kFailed;
        }
        repl.set_input(read.value());
    }
    Lines lines(outside);
    bool goes_on = true;
    while (goes_on) {
        if (outside.is_terminal) {
            const std::string_view prompt = repl.is_within_statement() ? "| " : "> ";
            if (const int code = print(outside, prompt, 0); code != 0) return code;
        }
        const auto line = lines.next();
        if (!line.ok()) {
            outside.write_error(line.error().to_string() + "\n");
            return kFailed;
        }
        if (!line.value()) break;
        goes_on = repl.take(*line.value());
        if (const int code = print(outside, repl.take_output(), 0); code != 0) return code;
    }
    repl.finish();
    return print(outside, repl.take_output(), 0);
}

}  // namespace merlon::compat::opa
