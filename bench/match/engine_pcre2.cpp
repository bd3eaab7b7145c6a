// PCRE2 with its just-in-time compiler; another dialect, so its counts decide which cases it is in.

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "case.h"

namespace merlon::bench {
namespace {

struct FreePcre2 {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

struct Expression {
    std::unique_ptr<pcre2_code, FreePcre2> code;
    std::unique_ptr<pcre2_match_data, FreePcre2> data;
};

class Pcre2Engine : public Engine {
  public:
    Pcre2Engine(std::vector<Expression> expressions, bool is_unicode)
        : expressions_(std::move(expressions)), is_unicode_(is_unicode) {}
    bool is_match(std::string_view text) override { return match(expressions_[0], text, 0) > 0; }
    std::uint64_t count(std::string_view text) override {
        std::uint64_t total = 0;
        find_all(expressions_[0], text, [&](const PCRE2_SIZE*, int) { ++total; });
        return total;
    }
    std::uint64_t count_spans(std::string_view text) override {
        std::uint64_t total = 0;
        find_all(expressions_[0], text,
                 [&](const PCRE2_SIZE* ends, int) { total += ends[1] - ends[0]; });
        return total;
    }
    std::uint64_t count_captures(std::string_view text) override {
        std::uint64_t total = 0;
        find_all(expressions_[0], text, [&](const PCRE2_SIZE* ends, int groups) {
            for (int i = 0; i < groups; ++i) total += ends[2 * i] != PCRE2_UNSET;
        });
        return total;
    }
    std::uint64_t count_set(std::string_view text) override {
        std::uint64_t total = 0;
        for (const Expression& expression : expressions_)
            find_all(expression, text, [&](const PCRE2_SIZE*, int) { ++total; });
        return total;
    }

  private:
    static int match(const Expression& expression, std::string_view text, std::size_t from) {
        return pcre2_match(expression.code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                           text.size(), from, PCRE2_NO_UTF_CHECK, expression.data.get(), nullptr);
    }

    template <typename OnMatch>
    void find_all(const Expression& expression, std::string_view text, OnMatch&& on_match) {
        const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(expression.data.get());
        std::size_t at = 0;
        while (at <= text.size()) {
            const int groups = match(expression, text, at);
            if (groups <= 0) return;
            on_match(ends, groups);
            at = ends[1];
            if (ends[0] != ends[1]) continue;
            ++at;
            while (is_unicode_ && at < text.size() &&
                   (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
                ++at;
        }
    }

    std::vector<Expression> expressions_;
    bool is_unicode_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_pcre2(const Case& wanted) {
    std::uint32_t options = wanted.ignores_case ? PCRE2_CASELESS : 0;
    if (wanted.is_unicode) options |= PCRE2_UTF | PCRE2_UCP;
    std::vector<Expression> expressions;
    for (const std::string& pattern : wanted.patterns) {
        int code = 0;
        PCRE2_SIZE at = 0;
        Expression expression;
        expression.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()),
                                            pattern.size(), options, &code, &at, nullptr));
        if (expression.code == nullptr ||
            pcre2_jit_compile(expression.code.get(), PCRE2_JIT_COMPLETE) != 0)
            return Error{"PCRE2 refuses the expression, error " + std::to_string(code)};
        expression.data.reset(pcre2_match_data_create_from_pattern(expression.code.get(), nullptr));
        expressions.push_back(std::move(expression));
    }
    return std::unique_ptr<Engine>(new Pcre2Engine(std::move(expressions), wanted.is_unicode));
}

}  // namespace merlon::bench
