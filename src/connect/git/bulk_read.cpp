#include "connect/git/bulk_read.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/delta_trees.h"
#include "connect/git/pack_plan.h"

namespace merlon::connect::git {
namespace {

using Readers = std::vector<std::unique_ptr<TreeReader>>;

Readers make_readers(const ObjectDatabase& database, unsigned count,
                     const std::function<void(unsigned, const BulkObject&)>& visit) {
    Readers readers;
    for (unsigned worker = 0; worker < count; ++worker) {
        readers.push_back(std::make_unique<TreeReader>(database, worker, visit));
    }
    return readers;
}

void add_reports(const Readers& readers, BulkReport& whole) {
    for (const std::unique_ptr<TreeReader>& reader : readers) {
        for (std::size_t kind = 0; kind < whole.objects.size(); ++kind) {
            whole.objects[kind] += reader->report.objects[kind];
            whole.bytes[kind] += reader->report.bytes[kind];
        }
        whole.problems.insert(whole.problems.end(), reader->report.problems.begin(),
                              reader->report.problems.end());
    }
    std::ranges::sort(whole.problems, {}, &BulkProblem::number);
}

}  // namespace

BulkReport read_all(const ObjectCatalog& catalog,
                    const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                    const BulkOptions& options,
                    const std::function<void(unsigned worker, const BulkObject& object)>& visit) {
    const ObjectDatabase& database = catalog.database();
    ThreadPool pool(options.threads);
    Readers readers = make_readers(database, pool.size(), visit);
    const auto cancelled = [&] { return options.cancel != nullptr && options.cancel->cancelled(); };
    BulkReport whole;
    for (std::size_t i = 0; i < catalog.packs().size() && !cancelled(); ++i) {
        const Pack& pack = *catalog.packs()[i];
        const Result<PackPlan> made =
            plan_pack(catalog, pack, catalog.pack_begin(i), wanted, options.checksums);
        if (!made.ok()) {
            if (pack.index().count() != 0) {
                whole.problems.push_back(
                    {catalog.pack_begin(i), ObjectFailure::kReadError, made.error().to_string()});
            }
            continue;
        }
        const PackPlan& plan = made.value();
        for (const auto& [rank, what] : plan.broken) {
            readers[0]->add_problem(plan, rank, ObjectFailure::kCorrupt, what);
        }
        pool.for_each(plan.roots.size(), [&](std::size_t root, unsigned worker) {
            if (!cancelled()) readers[worker]->read(plan, plan.roots[root]);
        });
    }
    pool.for_each(catalog.loose().size(), [&](std::size_t i, unsigned worker) {
        const std::uint32_t number = catalog.loose_begin() + static_cast<std::uint32_t>(i);
        if (cancelled() || !catalog.is_first_copy(number)) return;
        readers[worker]->read_alone(number, catalog.loose()[i], wanted);
    });
    add_reports(readers, whole);
    whole.cancelled = cancelled();
    return whole;
}

BulkReport read_some(const ObjectCatalog& catalog, const std::vector<std::uint32_t>& numbers,
                     const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                     const BulkOptions& options,
                     const std::function<void(unsigned worker, const BulkObject& object)>& visit) {
    ThreadPool pool(options.threads);
    Readers readers = make_readers(catalog.database(), pool.size(), visit);
    const auto cancelled = [&] { return options.cancel != nullptr && options.cancel->cancelled(); };
    pool.for_each(numbers.size(), [&](std::size_t i, unsigned worker) {
        if (cancelled()) return;
        if (const auto id = catalog.id_of(numbers[i]); id.ok()) {
            readers[worker]->read_alone(numbers[i], id.value(), wanted);
        } else {
            readers[worker]->report.problems.push_back(
                {numbers[i], ObjectFailure::kReadError, id.error().to_string()});
        }
    });
    BulkReport whole;
    add_reports(readers, whole);
    whole.cancelled = cancelled();
    return whole;
}

}  // namespace merlon::connect::git
