// Vectorscan over a set of expressions, with RE2 for what it lacks: exact leftmost-first matches.
//
// One database of all expressions in its prefilter mode (it may say yes too often, never too
// seldom) tells which of them occur in a text; those are searched by RE2 over the whole text. That
// is how scanners of secrets use it.

#include <hs/hs.h>
#include <re2/re2.h>

#include <cstdlib>

#include "case.h"

namespace merlon::bench {
namespace {

class VectorscanEngine : public Engine {
  public:
    VectorscanEngine(hs_database_t* database, std::unique_ptr<Engine> exact,
                     std::vector<unsigned> refused, const Case& wanted)
        : database_(database),
          exact_(std::move(exact)),
          refused_(std::move(refused)),
          seen_(wanted.patterns.size()) {
        hs_alloc_scratch(database_, &scratch_);
        for (const std::string& pattern : wanted.patterns) {
            Case one = wanted;
            one.patterns = {pattern};
            alone_.push_back(make_re2(one).value());
        }
    }
    ~VectorscanEngine() override {
        hs_free_scratch(scratch_);
        hs_free_database(database_);
    }
    bool is_match(std::string_view text) override {
        return scan(text) > 0 && exact_->is_match(text);
    }
    std::uint64_t count(std::string_view text) override { return count_set(text); }
    std::uint64_t count_spans(std::string_view) override { return 0; }
    std::uint64_t count_captures(std::string_view) override { return 0; }
    std::uint64_t count_set(std::string_view text) override {
        std::uint64_t total = 0;
        (void)scan(text);
        for (const unsigned id : refused_) total += alone_[id]->count(text);
        for (const unsigned id : hits_) total += alone_[id]->count(text);
        return total;
    }

  private:
    std::size_t scan(std::string_view text) {
        for (const unsigned id : hits_) seen_[id] = 0;
        hits_.clear();
        hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch_,
                &VectorscanEngine::on_hit, this);
        return hits_.size();
    }

    static int on_hit(unsigned id, unsigned long long, unsigned long long, unsigned,
                      void* context) {
        auto* self = static_cast<VectorscanEngine*>(context);
        if (self->seen_[id] == 0) self->hits_.push_back(id);
        self->seen_[id] = 1;
        return 0;
    }

    hs_database_t* database_;
    hs_scratch_t* scratch_ = nullptr;
    std::unique_ptr<Engine> exact_;
    std::vector<std::unique_ptr<Engine>> alone_;
    std::vector<unsigned> refused_;  // what Vectorscan does not take: always searched
    std::vector<char> seen_;
    std::vector<unsigned> hits_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_vectorscan(const Case& wanted) {
    if (wanted.model != Model::kSet && wanted.model != Model::kShort &&
        wanted.model != Model::kCompile)
        return Error{"Vectorscan answers sets only: its matches are not leftmost-first"};
    std::vector<const char*> patterns;
    std::vector<unsigned> flags;
    std::vector<unsigned> ids;
    std::vector<unsigned> refused;
    for (unsigned id = 0; id < wanted.patterns.size(); ++id) {
        const char* pattern = wanted.patterns[id].c_str();
        const unsigned flag = HS_FLAG_PREFILTER | HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY |
                              (wanted.ignores_case ? HS_FLAG_CASELESS : 0);
        hs_expr_info_t* info = nullptr;
        hs_compile_error_t* error = nullptr;
        if (hs_expression_info(pattern, flag, &info, &error) != HS_SUCCESS) {
            hs_free_compile_error(error);
            refused.push_back(id);
            continue;
        }
        std::free(info);
        patterns.push_back(pattern);
        flags.push_back(flag);
        ids.push_back(id);
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(patterns.data(), flags.data(), ids.data(),
                         static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr, &database,
                         &error) != HS_SUCCESS) {
        const std::string message = error->message;
        hs_free_compile_error(error);
        return Error{"Vectorscan: " + message};
    }
    return std::unique_ptr<Engine>(
        new VectorscanEngine(database, MERLON_TRY(make_re2(wanted)), std::move(refused), wanted));
}

}  // namespace merlon::bench
