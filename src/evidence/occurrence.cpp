#include "evidence/occurrence.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/large_pages.h"
#include "base/thread_pool.h"
#include "evidence/database.h"
#include "model/finding_order.h"
#include "report/finding_json.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kMadeAtOnce = 128;  // by one thread

// Calls use(begin, end) for parts of what is below `count`.
template <typename Use>
void side_by_side(std::size_t count, const Use& use) {
    const std::size_t parts = (count + kMadeAtOnce - 1) / kMadeAtOnce;
    ThreadPool(parts < 2 ? 1 : available_cores()).for_each(parts, [&](std::size_t part, unsigned) {
        use(part * kMadeAtOnce, std::min((part + 1) * kMadeAtOnce, count));
    });
}

using SignatureBytes = std::array<char, kSignatureBytes>;

// Of its marked lines, without their comments; null where they are not known.
const SignatureBytes* code_of(const Occurrence& one) {
    const SignatureBytes* code = nullptr;
    for (const Signature& signature : one.signatures) {
        if (signature.algorithm == Algorithm::kCode) return &signature.value;
        if (signature.algorithm == Algorithm::kDistinctContent ||
            signature.algorithm == Algorithm::kContent)
            code = &signature.value;
    }
    return code;
}

struct HashOfBytes {
    std::size_t operator()(const SignatureBytes& bytes) const {
        std::size_t first = 0;
        std::memcpy(&first, bytes.data(), sizeof first);
        return first;
    }
};

// A member of the fingerprints that two findings of one report share, whose lines are others, is of
// the rule, the branch or the tool's version, and no finding is known by it.
void leave_out_what_is_of_all(std::vector<Occurrence>& occurrences) {
    std::unordered_map<SignatureBytes, SignatureBytes, HashOfBytes>
        code;  // by fingerprint, the first
    std::unordered_set<SignatureBytes, HashOfBytes> of_all;
    code.reserve(occurrences.size());
    for (const Occurrence& one : occurrences) {
        const SignatureBytes* const its_code = code_of(one);
        if (its_code == nullptr) continue;
        for (const Signature& signature : one.signatures) {
            if (signature.algorithm != Algorithm::kFingerprint) continue;
            const auto [known, is_first] = code.try_emplace(signature.value, *its_code);
            if (!is_first && known->second != *its_code) of_all.insert(signature.value);
        }
    }
    if (of_all.empty()) return;
    for (Occurrence& one : occurrences) {
        if (code_of(one) == nullptr) continue;
        std::erase_if(one.signatures, [&](const Signature& signature) {
            return signature.algorithm == Algorithm::kFingerprint &&
                   of_all.contains(signature.value);
        });
    }
}

// `text` is room for its body, used again so that it grows once.
void make_occurrence(const model::Finding& finding, std::string& text, Occurrence& made) {
    made.finding = &finding;
    write_body(made, text);
    made.print = print_of(text);
    const auto* file = std::get_if<model::FileLocation>(&finding.location);
    if (file == nullptr) {
        made.path = storable(model::to_string(finding.location));
        return;
    }
    made.path = storable(model::joined_path(*file));
    made.line = file->region.start_line;
    made.position = file->region.start_column;
}

auto place_of(const Occurrence& one) { return std::tie(one.path, one.line, one.position); }

// They are in the order of their places, but for paths that the store has to write otherwise; those
// of one place are not in the order of what they say.
void sort(std::vector<Occurrence>& all) {
    bool is_sorted = true;
    for (auto begin = all.begin(); begin != all.end() && is_sorted;) {
        const auto end = std::find_if(std::next(begin), all.end(), [&](const Occurrence& one) {
            return place_of(one) != place_of(*begin);
        });
        if (end - begin > 1) std::ranges::sort(begin, end, {}, &Occurrence::print);
        is_sorted = end == all.end() || place_of(*begin) < place_of(*end);
        begin = end;
    }
    if (is_sorted) return;
    std::ranges::sort(all, [](const Occurrence& left, const Occurrence& right) {
        return std::tuple_cat(place_of(left), std::tie(left.print)) <
               std::tuple_cat(place_of(right), std::tie(right.print));
    });
}

}  // namespace

std::vector<Occurrence> occurrences_of(const model::Report& report, std::size_t& repeats,
                                       const CancelToken* cancel) {
    const std::vector<std::size_t> places = model::order_of(report.findings);
    std::vector<Occurrence> all;
    all.reserve(places.size());
    ask_for_large_pages(all.data(), places.size() * sizeof(Occurrence));
    all.resize(places.size());
    side_by_side(all.size(), [&](std::size_t begin, std::size_t end) {
        if (cancel != nullptr && cancel->cancelled()) return;
        std::string text;
        for (std::size_t i = begin; i < end; ++i)
            make_occurrence(report.findings[places[i]], text, all[i]);
    });
    sort(all);
    const auto [first, last] = std::ranges::unique(all, {}, &Occurrence::print);
    repeats = static_cast<std::size_t>(last - first);
    all.erase(first, last);
    return all;
}

void write_body(const Occurrence& one, std::string& text) {
    text.clear();
    report::append_finding_json(*one.finding, text);
}

void sign(std::vector<Occurrence>& occurrences) {
    side_by_side(occurrences.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Occurrence& one = occurrences[i];
            if (one.signatures.empty()) one.signatures = signatures_of(*one.finding);
        }
    });
    leave_out_what_is_of_all(occurrences);
}

std::int64_t risk_of(const model::Finding& finding) {
    return least_risk(static_cast<std::int64_t>(finding.severity)) +
           static_cast<std::int64_t>(finding.confidence);
}

}  // namespace merlon::evidence
