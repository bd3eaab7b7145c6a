#include "text/dockerfile.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "text/dockerfile_line.h"

namespace merlon::text {
namespace {

bool is_docker_comment(std::string_view line) { return trim_docker_start(line).starts_with('#'); }

class DockerReader {
  public:
    explicit DockerReader(std::string_view bytes) : rest_(bytes) {
        if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    }

    Result<std::vector<DockerInstruction>> all() {
        while (!rest_.empty()) {
            const auto read = next();
            if (!read.ok()) {
                Error error = read.error();
                error.line = line_;
                return error;
            }
        }
        if (instructions_.empty()) return Error{"file with no instructions"};
        return std::move(instructions_);
    }

  private:
    // With its line feed.
    Result<std::string_view> read_line() {
        const std::string_view line =
            rest_.substr(0, std::min(rest_.find('\n'), rest_.size() - 1) + 1);
        if (line.size() > kMaxDockerLineBytes) {
            return Error{"dockerfile line greater than max allowed size of " +
                         std::to_string(kMaxDockerLineBytes)};
        }
        rest_.remove_prefix(line.size());
        ++line_;
        return line;
    }

    // "# escape=`" and its like, which stand before everything else.
    Result<bool> read_directive(std::string_view line) {
        if (directives_are_over_) return false;
        directives_are_over_ = true;
        if (!line.starts_with('#')) return false;
        line = trim_docker_start(line.substr(1));
        std::size_t end = 0;
        while (end < line.size() && (is_digit(line[end]) ? end > 0 : is_letter(line[end]))) ++end;
        const std::string name = lower_case(line.substr(0, end));
        std::string_view behind = trim_docker_start(line.substr(end));
        const bool is_known = name == "syntax" || name == "escape" || name == "check";
        if (!is_known || !behind.starts_with('=')) return false;
        behind = trim_docker(behind.substr(1));
        if (behind.empty()) return false;
        if (std::ranges::find(seen_, name) != seen_.end()) {
            return Error{"only one " + name + " parser directive can be used"};
        }
        seen_.push_back(name);
        directives_are_over_ = false;
        if (name == "escape") {
            if (behind != "`" && behind != "\\") {
                return Error{"invalid escape token '" + std::string(behind) +
                             "' does not match ` or \\"};
            }
            escape_ = behind[0];
        }
        return true;
    }
    static bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

    // Whether the line goes on; the mark of it is taken off.
    bool take_continuation(std::string_view& line) const {
        const std::size_t last = line.find_last_not_of(" \t");
        if (last == std::string_view::npos || line[last] != escape_) return false;
        if (last > 0 && line[last - 1] == escape_) return false;
        line = line.substr(0, last);
        return true;
    }

    void take_comment(std::string_view line) {
        const std::string_view comment = trim_docker(line.substr(1));
        if (comment.empty()) {
            comments_.clear();
        } else {
            comments_.emplace_back(comment);
        }
    }

    Status next() {
        const std::string_view raw = MERLON_TRY(read_line());
        if (is_docker_comment(raw)) take_comment(raw);
        std::string_view line = trim_docker_start(raw.substr(0, raw.find_last_not_of("\r\n") + 1));
        if (MERLON_TRY(read_directive(line)) && !comments_.empty()) comments_.pop_back();
        if (is_docker_comment(line)) line = {};
        bool goes_on = take_continuation(line);
        if (!goes_on && line.empty()) return {};
        const std::uint32_t begin = line_;
        std::string whole(line);
        while (goes_on && !rest_.empty()) {
            const std::string_view more = MERLON_TRY(read_line());
            if (is_docker_comment(more) || trim_docker(more).empty()) continue;
            line = more.substr(0, more.find_last_not_of("\r\n") + 1);
            goes_on = take_continuation(line);
            whole += line;
        }
        DockerInstruction made = MERLON_TRY(read_docker_line(whole, escape_));
        for (const DockerHeredoc& heredoc : docker_heredocs(made, whole)) {
            MERLON_TRY(skip_heredoc(heredoc));
        }
        MERLON_TRY(check_docker_instruction(made));
        if (made.command == "from") ++stages_;
        made.stage = stages_ == 0 ? 0 : stages_ - 1;
        made.comments = std::exchange(comments_, {});
        made.begin_line = begin;
        made.end_line = line_;
        instructions_.push_back(std::move(made));
        return {};
    }

    Status skip_heredoc(const DockerHeredoc& heredoc) {
        while (!rest_.empty()) {
            std::string_view line = MERLON_TRY(read_line());
            line = line.substr(0, line.find_last_not_of("\r\n") + 1);
            if (heredoc.ignores_tabs) {
                line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
            }
            if (line == heredoc.name) return {};
        }
        return Error{"unterminated heredoc"};
    }

    std::string_view rest_;
    std::uint32_t line_ = 0;
    char escape_ = '\\';
    bool directives_are_over_ = false;
    std::vector<std::string> seen_;
    std::vector<std::string> comments_;
    std::uint32_t stages_ = 0;
    std::vector<DockerInstruction> instructions_;
};

}  // namespace

Result<std::vector<DockerInstruction>> read_dockerfile(std::string_view bytes) {
    return DockerReader(bytes).all();
}

}  // namespace merlon::text
