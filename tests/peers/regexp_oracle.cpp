#include "regexp_oracle.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace merlon::peers {
namespace {

class Writer {
  public:
    void number(std::uint64_t value) {
        while (value >= 0x80) {
            bytes_ += static_cast<char>(value | 0x80);
            value >>= 7;
        }
        bytes_ += static_cast<char>(value);
    }
    void text(std::string_view text) {
        number(text.size());
        bytes_.append(text);
    }
    void letter(char kind) { bytes_ += kind; }
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

// Reads what the oracle wrote; after bytes that end too soon `ok` is false and all is zero or
// empty.
class Reader {
  public:
    explicit Reader(std::string_view rest) : rest_(rest) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (rest_.empty()) break;
            const auto byte = static_cast<unsigned char>(rest_[0]);
            rest_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if (byte < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    std::string text() {
        const std::uint64_t size = number();
        if (size > rest_.size()) ok_ = false;
        if (!ok_) return {};
        std::string result(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return result;
    }
    Positions positions(std::size_t groups) {
        Positions result;
        for (std::size_t i = 0; i < 2 * groups; ++i)
            result.push_back(static_cast<int>(number()) - 1);
        return result;
    }
    // A count of things that take at least a byte each.
    std::size_t count() {
        const std::uint64_t count = number();
        if (count > rest_.size()) ok_ = false;
        return ok_ ? count : 0;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

Answer read_answer(Reader& reader, const Question& question) {
    Answer answer;
    answer.error = reader.text();
    if (!answer.error.empty()) return answer;
    const std::size_t groups = reader.count();
    for (std::size_t i = 0; i < groups; ++i) answer.group_names.push_back(reader.text());
    for (std::size_t t = 0; t < question.texts.size(); ++t) {
        Answer::Text& text = answer.texts.emplace_back();
        for (std::size_t n = reader.count(); n > 0; --n)
            text.matches.push_back(reader.positions(groups));
        if (reader.number() != 0) text.later = reader.positions(groups);
        text.replaced = reader.text();
        text.replaced_literally = reader.text();
        for (std::size_t n = reader.count(); n > 0; --n) text.parts.push_back(reader.text());
    }
    return answer;
}

Error broken(const char* what) {
    return Error{std::string("the oracle ") + what + ": " + std::strerror(errno)};
}

}  // namespace

Result<RegexpOracle> RegexpOracle::start(const std::string& program) {
    if (access(program.c_str(), X_OK) != 0) return broken("cannot be started");
    std::signal(SIGPIPE, SIG_IGN);
    int requests[2];
    int replies[2];
    if (pipe2(requests, O_CLOEXEC) != 0 || pipe2(replies, O_CLOEXEC) != 0)
        return broken("gets no pipe");
    const pid_t child = fork();
    if (child < 0) return broken("cannot be forked");
    if (child == 0) {
        dup2(requests[0], 0);
        dup2(replies[1], 1);
        execl(program.c_str(), program.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(requests[0]);
    close(replies[1]);
    // A larger pipe saves switches between the two; where it is refused, nothing is lost.
    (void)fcntl(requests[1], F_SETPIPE_SZ, 1 << 20);
    (void)fcntl(replies[0], F_SETPIPE_SZ, 1 << 20);
    return RegexpOracle(child, requests[1], replies[0]);
}

RegexpOracle::RegexpOracle(RegexpOracle&& other) noexcept
    : child_(std::exchange(other.child_, -1)),
      to_child_(std::exchange(other.to_child_, -1)),
      from_child_(std::exchange(other.from_child_, -1)) {}

RegexpOracle::~RegexpOracle() {
    if (child_ < 0) return;
    close(to_child_);
    close(from_child_);
    waitpid(child_, nullptr, 0);
}

Result<void> RegexpOracle::send(std::string_view frame) const {
    const auto size = static_cast<std::uint32_t>(frame.size());
    std::string bytes;
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(size >> shift);
    bytes.append(frame);
    for (std::string_view rest = bytes; !rest.empty();) {
        const ssize_t written = write(to_child_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return broken("takes no questions");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> RegexpOracle::receive() const {
    std::string bytes(4, '\0');
    std::size_t have = 0;
    bool has_size = false;
    while (true) {
        if (have == bytes.size()) {
            if (has_size) return bytes;
            std::size_t size = 0;
            for (int i = 3; i >= 0; --i)
                size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
            has_size = true;
            have = 0;
            bytes.resize(size);
            continue;
        }
        const ssize_t got = read(from_child_, bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return broken("gives no answer");
        have += static_cast<std::size_t>(got);
    }
}

Result<void> RegexpOracle::ask(const std::vector<Question>& questions) {
    Writer writer;
    for (const Question& question : questions) {
        writer.letter('M');
        writer.number(static_cast<std::uint64_t>(question.flags));
        writer.number(question.is_longest ? 1 : 0);
        writer.text(question.pattern);
        writer.text(question.replacement);
        writer.number(static_cast<std::uint64_t>(question.split_limit + 1));
        writer.number(question.texts.size());
        for (const Question::Text& text : question.texts) {
            writer.text(text.bytes);
            writer.number(text.from);
        }
    }
    return send(writer.bytes());
}

Result<std::vector<Answer>> RegexpOracle::answers(const std::vector<Question>& questions) {
    const std::string bytes = MERLON_TRY(receive());
    Reader reader(bytes);
    std::vector<Answer> answers;
    answers.reserve(questions.size());
    for (const Question& question : questions) answers.push_back(read_answer(reader, question));
    if (!reader.ok() || !reader.at_end()) return Error{"the oracle's answer has the wrong length"};
    return answers;
}

Result<std::vector<std::string>> RegexpOracle::samples(std::string_view pattern, std::uint32_t seed,
                                                       int count) {
    Writer writer;
    writer.letter('S');
    writer.text(pattern);
    writer.number(seed);
    writer.number(static_cast<std::uint64_t>(count));
    MERLON_TRY(send(writer.bytes()));
    const std::string bytes = MERLON_TRY(receive());
    Reader reader(bytes);
    std::vector<std::string> samples;
    for (std::size_t n = reader.count(); n > 0; --n) samples.push_back(reader.text());
    if (!reader.ok()) return Error{"the oracle's answer has the wrong length"};
    return samples;
}

}  // namespace merlon::peers
