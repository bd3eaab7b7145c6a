// RE2 as the distribution ships it. A case without Unicode runs in its Latin-1 mode, its fastest.

#include <re2/re2.h>

#include "case.h"

namespace merlon::bench {
namespace {

class Re2Engine : public Engine {
  public:
    explicit Re2Engine(std::vector<std::unique_ptr<RE2>> regexes) : regexes_(std::move(regexes)) {
        groups_.resize(static_cast<std::size_t>(
                           regexes_.empty() ? 0 : regexes_[0]->NumberOfCapturingGroups()) +
                       1);
    }
    bool is_match(std::string_view text) override {
        return regexes_[0]->Match(piece(text), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
    }
    std::uint64_t count(std::string_view text) override {
        std::uint64_t total = 0;
        find_all(*regexes_[0], text, 1, [&] { ++total; });
        return total;
    }
    std::uint64_t count_spans(std::string_view text) override {
        std::uint64_t total = 0;
        find_all(*regexes_[0], text, 1, [&] { total += groups_[0].size(); });
        return total;
    }
    std::uint64_t count_captures(std::string_view text) override {
        std::uint64_t total = 0;
        find_all(*regexes_[0], text, static_cast<int>(groups_.size()), [&] {
            for (const re2::StringPiece& group : groups_) total += group.data() != nullptr;
        });
        return total;
    }
    std::uint64_t count_set(std::string_view text) override {
        std::uint64_t total = 0;
        for (const auto& regex : regexes_) find_all(*regex, text, 1, [&] { ++total; });
        return total;
    }

  private:
    static re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

    template <typename OnMatch>
    void find_all(const RE2& regex, std::string_view text, int groups, OnMatch&& on_match) {
        const re2::StringPiece whole = piece(text);
        std::size_t at = 0;
        const bool is_utf8 = regex.options().encoding() == RE2::Options::EncodingUTF8;
        while (at <= text.size() &&
               regex.Match(whole, at, text.size(), RE2::UNANCHORED, groups_.data(), groups)) {
            on_match();
            const auto end =
                static_cast<std::size_t>(groups_[0].data() - text.data()) + groups_[0].size();
            at = end;
            if (!groups_[0].empty()) continue;
            ++at;
            while (is_utf8 && at < text.size() &&
                   (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
                ++at;
        }
    }

    std::vector<std::unique_ptr<RE2>> regexes_;
    std::vector<re2::StringPiece> groups_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_re2(const Case& wanted) {
    std::vector<std::unique_ptr<RE2>> regexes;
    for (const std::string& pattern : wanted.patterns) {
        RE2::Options options(RE2::Quiet);
        options.set_case_sensitive(!wanted.ignores_case);
        if (!wanted.is_unicode) options.set_encoding(RE2::Options::EncodingLatin1);
        regexes.push_back(std::make_unique<RE2>(pattern, options));
        if (!regexes.back()->ok()) {
            // The default budget is too small for some of the public expressions.
            options.set_max_mem(std::int64_t{512} << 20);
            regexes.back() = std::make_unique<RE2>(pattern, options);
        }
        if (!regexes.back()->ok()) return Error{"RE2: " + regexes.back()->error()};
    }
    return std::unique_ptr<Engine>(new Re2Engine(std::move(regexes)));
}

}  // namespace merlon::bench
