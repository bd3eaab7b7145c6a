// match::Regex and match::PatternSet.

#include "case.h"
#include "match/pattern_set.h"
#include "match/regex.h"

namespace merlon::bench {
namespace {

class MerlonEngine : public Engine {
  public:
    MerlonEngine(std::vector<match::Regex> regexes, Model model) : regexes_(std::move(regexes)) {
        if (model != Model::kSet) return;
        std::vector<match::PatternSet::Pattern> patterns;
        for (const match::Regex& regex : regexes_) patterns.push_back({regex, {}});
        set_ = std::make_unique<match::PatternSet>(std::move(patterns));
    }
    bool is_match(std::string_view text) override { return regexes_[0].is_match(text); }
    std::uint64_t count(std::string_view text) override {
        regexes_[0].find_all(match::Subject(text), matches_);
        return matches_.size();
    }
    std::uint64_t count_spans(std::string_view text) override {
        regexes_[0].find_all(match::Subject(text), matches_);
        std::uint64_t total = 0;
        for (const match::Span& match : matches_) total += match.end - match.begin;
        return total;
    }
    std::uint64_t count_captures(std::string_view text) override {
        std::uint64_t total = 0;
        regexes_[0].captures_each(match::Subject(text), [&](const std::vector<match::Span>& match) {
            for (const match::Span& group : match) total += group.matched() ? 1 : 0;
        });
        return total;
    }
    std::uint64_t count_set(std::string_view text) override {
        std::uint64_t total = 0;
        set_->scan(
            match::Subject(text), scratch_, [](std::uint32_t) { return true; },
            [&](std::uint32_t, match::Span) { ++total; });
        return total;
    }

  private:
    std::vector<match::Regex> regexes_;
    std::vector<match::Span> matches_;
    std::unique_ptr<match::PatternSet> set_;
    match::PatternSet::Scratch scratch_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_merlon(const Case& wanted) {
    std::vector<match::Regex> regexes;
    for (const std::string& pattern : wanted.patterns) {
        regexes.push_back(MERLON_TRY(
            match::Regex::compile(wanted.ignores_case ? "(?i:" + pattern + ")" : pattern)));
        // Built at first use; a benchmark of compiling has to have it now.
        if (wanted.model == Model::kCompile) (void)regexes.back().is_match("");
    }
    return std::unique_ptr<Engine>(new MerlonEngine(std::move(regexes), wanted.model));
}

}  // namespace merlon::bench
