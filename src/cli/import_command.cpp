#include "cli/import_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/file.h"
#include "base/sandbox.h"
#include "base/thread_pool.h"
#include "cli/branch_name.h"
#include "cli/common_files.h"
#include "cli/evidence_store.h"
#include "cli/given_flags.h"
#include "cli/import_job.h"
#include "cli/import_mapping.h"
#include "cli/import_owners.h"
#include "cli/outputs.h"
#include "cli/pipeline_run.h"
#include "cli/source_lines.h"
#include "cli/standard_input.h"
#include "evidence/secret_key.h"
#include "exchange/foreign_report.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{2} << 30;

struct Imported {
    std::string name;
    std::string_view format;
    std::vector<evidence::ImportedRun> runs;
    std::string title;  // of a document that is no report
    std::uint64_t packages = 0;
    std::uint64_t statements = 0;
    bool has_decisions = false;
    evidence::ForeignOutcome decided;
    std::uint64_t edges = 0;           // of the graph
    std::vector<std::string> notices;  // what the reader has to say of its document
};

// What the store keeps and does not use yet is said, so that nobody takes it for applied.
std::string document_line(const Imported& imported) {
    std::string line = fmt::format("{}: {}, kept", imported.name, imported.title);
    if (imported.packages > 0) line += fmt::format("; {} packages", imported.packages);
    if (imported.edges > 0) line += fmt::format("; {} edges of the graph", imported.edges);
    if (imported.statements > 0)
        line += fmt::format("; {} statements, of which nothing is made yet", imported.statements);
    return text::to_printable(line) + "\n";
}

// What was decided elsewhere, and what of it is lost, so that nobody has to trust us.
std::string decision_lines(const Imported& imported) {
    const evidence::ForeignOutcome& decided = imported.decided;
    std::string line =
        fmt::format("{}: decisions: {} applied to findings, {} wait for findings, {} were here",
                    imported.name, decided.applied, decided.waiting, decided.known);
    if (decided.proposed > 0)
        line += fmt::format("; {} wait for a second person ('merlon findings proposals')",
                            decided.proposed);
    if (decided.withdrawn > 0) line += fmt::format(", {} withdrawn", decided.withdrawn);
    if (decided.ends_set > 0)
        line += fmt::format("; {} had no end and end in a year", decided.ends_set);
    std::string lines = text::to_printable(line) + "\n";
    for (const auto& [reason, count] : decided.not_carried)
        lines +=
            text::to_printable(fmt::format("  not carried over, {} times: {}", count, reason)) +
            "\n";
    return lines;
}

// What the files of one command have in common.
struct Importing {
    const ParsedCommand& command;
    const Environment& environment;
    std::optional<evidence::Store> store;  // nothing: it is made by the first document that is read
    std::string secret_key;
    ImportOrder order;  // what is told of each of them
    std::optional<Mapping> mapping;
    std::optional<ImportOwners> owners;
    std::unique_ptr<CommonFiles> files;  // null: no repository
    std::vector<std::string> documents;  // what the files hold, where one needs the others
};

Status open_for(Importing& importing) {
    importing.store =
        MERLON_TRY(open_store(importing.command, importing.environment, evidence::Access::kWrite));
    importing.secret_key =
        MERLON_TRY(evidence::secret_key(importing.store->database(), importing.secret_key));
    return {};
}

// What is told of each document, and the mapping that it is read by.
struct Told {
    ImportOrder order;
    std::optional<Mapping> mapping;
};

Result<Told> gather(const ParsedCommand& command, const Environment& environment) {
    Told told;
    ImportOrder& order = told.order;
    order.from = command.text("from");
    order.repository = command.text("repository");
    order.commit = command.text("commit");
    order.category = command.text("category");
    order.coverage = command.text("coverage");
    if (command.is_set("mapping")) {
        order.mapping_name = command.text("mapping");
        order.mapping = MERLON_TRY(read_text_file(order.mapping_name));
        told.mapping = MERLON_TRY(Mapping::compile(order.mapping_name, order.mapping));
    }
    if (command.is_set("root")) order.root = absolute_root(command.text("root"));
    BranchName branch = branch_name(
        environment, {order.root.empty() ? "." : order.root, order.repository, order.commit},
        command.text("ref"));
    order.ref = std::move(branch.name);
    order.may_be = std::move(branch.may_be);
    return told;
}

Result<Importing> begin(const ParsedCommand& command, const Environment& environment) {
    Importing made{.command = command,
                   .environment = environment,
                   .store = {},
                   .secret_key = {},
                   .order = {},
                   .mapping = {},
                   .owners = {},
                   .files = {},
                   .documents = {}};
    const std::string place = MERLON_TRY(store_place(command, environment));
    make_store_folder(command, place);  // while that may be done
    made.secret_key = MERLON_TRY(evidence::draw_secret_key());
    if (is_store_there(place)) MERLON_TRY(open_for(made));
    Told told = MERLON_TRY(gather(command, environment));
    made.order = std::move(told.order);
    made.mapping = std::move(told.mapping);
    if (command.is_set("root")) made.owners = MERLON_TRY(ImportOwners::read(command.text("root")));
    made.files = common_files(environment, made.order.root.empty() ? "." : made.order.root);
    return made;
}

// Whether the store has the branch that the reference may mean, in a repository of the document.
Result<bool> has_branch(Importing& importing, const ImportOrder& order,
                        const std::vector<evidence::ImportedRun>& runs) {
    if (order.may_be.empty()) return false;
    for (const evidence::ImportedRun& run : runs) {
        const bool is_there =
            MERLON_TRY(evidence::has_branch(importing.store->database(), run.scope, order.may_be));
        if (is_there) return true;
    }
    return false;
}

// Two streams of one branch would each have what the other one has closed.
void add_notice_of_branch(const ImportOrder& order, bool is_there, Imported& imported) {
    if (!is_there) return;
    const std::string branch = order.may_be.substr(std::string_view("refs/heads/").size());
    imported.notices.push_back(
        fmt::format("'{}' is taken for a branch of that name, which '{}' is not; if that is "
                    "meant, import with --ref {}",
                    order.ref, branch, branch));
}

// What a report cannot say of itself, and has to be told.
void add_notices_of_streams(const ImportOrder& order, Imported& imported) {
    // Fewer come and go as code is changed.
    constexpr std::uint64_t kFewestExchanged = 5;
    for (const evidence::ImportedRun& run : imported.runs) {
        const evidence::MergeCounts& counts = run.counts;
        if (order.root.empty() && run.below.starts_with('/') && run.below != "/")
            imported.notices.push_back(
                fmt::format("it is of the folder {}, and one of another name is another stream: "
                            "run the tool in it, on '.', or name it with --root",
                            run.below));
        if (counts.fresh == counts.found && counts.fresh >= kFewestExchanged &&
            counts.closed >= kFewestExchanged)
            imported.notices.push_back(fmt::format(
                "all {} findings are new, and the {} of {}'s last report are closed: if it is of "
                "something else, as another service, import it with a --repository or --category "
                "of its own",
                counts.fresh, counts.closed, run.tool));
    }
}

bool is_interrupted(const Environment& environment) {
    return environment.cancel != nullptr && environment.cancel->cancelled();
}

Result<Imported> import_file(const std::string& name, Importing& importing) {
    ImportOrder order = importing.order;
    order.name = name;
    std::string input;
    FileBytes file;
    if (name == "-") {
        input = MERLON_TRY(read_whole_input(importing.environment));
    } else {
        file = MERLON_TRY(read_file(name, kMaxDocumentBytes).result);
    }
    const std::string_view bytes = name == "-" ? std::string_view(input) : file.bytes;
    std::vector<std::string_view> beside;
    for (const std::string& other : importing.documents)
        if (other != bytes) beside.push_back(other);
    const auto read_it = [&] {
        auto read = read_document(order, importing.mapping ? &*importing.mapping : nullptr,
                                  {.bytes = bytes,
                                   .secret_key = importing.secret_key,
                                   .beside = beside,
                                   .now = importing.environment.clock->now(),
                                   .cancel = importing.environment.cancel});
        if (read.ok() && !order.root.empty())
            add_source_lines(order.root, read.value().reports, importing.environment.cancel);
        return read;
    };
    // Side by side: what is kept of a document is made of its bytes alone, but where secrets in it
    // are masked. Which documents have some, only reading them tells.
    Result<exchange::ForeignReport> attempt = Error{};
    evidence::PackedDocument packed;
    ThreadPool(available_cores()).for_each(2, [&](std::size_t index, unsigned) {
        if (index == 0)
            attempt = read_it();
        else
            packed = evidence::pack_document(bytes, importing.environment.cancel);
    });
    if (is_interrupted(importing.environment))
        return evidence::interrupted().within("importing " + name);
    exchange::ForeignReport read = MERLON_TRY(std::move(attempt));
    MERLON_TRY(check_says_something(read, name));
    if (!importing.store) {
        const std::string drawn = importing.secret_key;
        MERLON_TRY(open_for(importing));
        // Who has made the store meanwhile calls secrets by another key.
        if (importing.secret_key != drawn) read = MERLON_TRY(read_it());
    }
    std::vector<std::string> commits;
    if (!order.commit.empty()) commits.push_back(order.commit);
    for (const exchange::ReadReport& one : read.reports)
        if (commits.empty() && !one.report.analysis.commit.empty())
            commits.push_back(one.report.analysis.commit);
    std::ranges::move(links_of_run(pipeline_run(importing.environment), commits),
                      std::back_inserter(read.links));
    evidence::ImportRequest request = import_request(order, read, bytes);
    request.actor = actor_of(importing.environment);
    request.now = importing.environment.clock->now();
    if (!read.masked) {
        // The document is long, and all that is wanted of it is packed by now.
        request.packed = &packed;
        request.bytes = {};
    }
    input = {};
    file = {};
    request.cancel = importing.environment.cancel;
    if (importing.owners)
        request.owner_of = [&](std::string_view path) { return importing.owners->owner_of(path); };
    if (!order.root.empty())
        request.is_gone = [&](std::string_view path) { return !is_in_root(order.root, path); };
    request.files = importing.files.get();
    Imported imported{
        .name = name,
        .format = read.format,
        .runs = {},
        .title = read.title,
        .packages = read.packages,
        .statements = read.statements,
        .has_decisions = !read.decided.decisions.empty() || !read.decided.not_carried.empty(),
        .decided = {},
        .edges = 0,
        .notices = {}};
    for (const exchange::ReadReport& report : read.reports)
        imported.notices.insert(imported.notices.end(), report.report.notices.begin(),
                                report.report.notices.end());
    auto made =
        evidence::import_document(importing.store->database(), request, std::move(read.reports));
    if (!made.ok()) return std::move(made).error().within("importing " + name);
    imported.runs = std::move(made.value().runs);
    add_notice_of_branch(order, MERLON_TRY(has_branch(importing, order, imported.runs)), imported);
    add_notices_of_streams(order, imported);
    imported.decided = std::move(made.value().decided);
    imported.edges = made.value().edges;
    for (const auto& [reason, count] : read.decided.not_carried)
        imported.decided.not_carried[reason] += count;
    return imported;
}

void append_decided(const evidence::ForeignOutcome& decided, text::JsonWriter& json) {
    const std::pair<std::string_view, std::uint64_t> counts[] = {
        {"applied", decided.applied},     {"waiting", decided.waiting},
        {"proposed", decided.proposed},   {"known", decided.known},
        {"withdrawn", decided.withdrawn}, {"endsSet", decided.ends_set}};
    json.key("decisions").begin_object();
    for (const auto& [name, count] : counts)
        json.key(name).integer(static_cast<std::int64_t>(count));
    json.key("notCarried").begin_object();
    for (const auto& [reason, count] : decided.not_carried)
        json.key(reason).integer(static_cast<std::int64_t>(count));
    json.end_object().end_object();
}

std::string notice_lines(const Imported& imported) {
    std::string lines;
    for (const std::string& notice : imported.notices)
        lines += text::to_printable("  " + notice) + "\n";
    return lines;
}

void append_json(const Imported& imported, text::JsonWriter& json) {
    json.begin_object().member("document", imported.name).member("format", imported.format);
    if (!imported.title.empty()) {
        json.member("title", imported.title);
        json.key("packages").integer(static_cast<std::int64_t>(imported.packages));
        json.key("statementsNotUsed").integer(static_cast<std::int64_t>(imported.statements));
    }
    if (imported.edges > 0) json.key("edges").integer(static_cast<std::int64_t>(imported.edges));
    if (imported.has_decisions) append_decided(imported.decided, json);
    json.key("runs").begin_array();
    for (const evidence::ImportedRun& run : imported.runs) {
        json.begin_object().member("repository", run.scope).member("tool", run.tool);
        json.member("category", run.category).member("ref", run.ref);
        json.key("complete").boolean(run.is_complete);
        json.key("importedBefore").boolean(run.is_known).key("counts").begin_object();
        for (const auto& [name, count] : evidence::counts_by_name(run.counts))
            json.key(name).integer(static_cast<std::int64_t>(count));
        json.key("byPlaceOnly").integer(static_cast<std::int64_t>(run.by_place_only));
        json.end_object();
        if (!run.incomplete_because.empty())
            json.member("incompleteBecause", run.incomplete_because);
        json.end_object();
    }
    json.end_array().key("notices").begin_array();
    for (const std::string& notice : imported.notices) json.string(notice);
    json.end_array().end_object();
}

// As Git has them (git-check-ref-format).
bool is_ref(std::string_view name) {
    constexpr std::string_view kNever = " ~^:?*[\\";
    return is_plain_name(name) && name.find_first_of(kNever) == std::string_view::npos &&
           !name.contains("..") && !name.contains("@{") && !name.contains("//") &&
           !name.starts_with('/') && !name.starts_with('-') && !name.ends_with('/') &&
           !name.ends_with('.') && !name.ends_with(".lock");
}

// What the user tells of the documents: empty or misspelt it would make other findings of them.
Status check_told(const ParsedCommand& command) {
    MERLON_TRY(check_not_empty(command, {"repository", "ref", "commit", "category", "root"}));
    const std::string& repository = command.text("repository");
    if (!repository.empty() &&
        (!is_plain_name(repository) ||
         evidence::repository_name(repository).find_first_not_of("/.") == std::string::npos))
        return Error{
            fmt::format("--repository '{}': expected an address or a name, as github.com/acme/shop",
                        text::to_printable(repository))};
    const std::string& ref = command.text("ref");
    if (!ref.empty() && !is_ref(ref))
        return Error{fmt::format("--ref '{}': expected a branch or a tag, as main or refs/tags/v1",
                                 text::to_printable(ref))};
    const std::string& commit = command.text("commit");
    constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
    constexpr std::size_t kLeast = 7, kSha1 = 40, kSha256 = 64;
    const bool is_one =
        ((commit.size() >= kLeast && commit.size() <= kSha1) || commit.size() == kSha256) &&
        commit.find_first_not_of(kDigits) == std::string::npos;
    if (commit.empty() || is_one) return {};
    return Error{fmt::format("--commit {}: a commit is 7 to 40, or 64 hexadecimal digits",
                             text::to_printable(commit))};
}

Result<std::int64_t> queue_file(const ImportOrder& order, const ParsedCommand& command,
                                const Environment& environment,
                                std::optional<evidence::Store>& store) {
    const std::string bytes =
        MERLON_TRY(order.name == "-" ? read_whole_input(environment)
                                     : read_text_file(order.name, kMaxDocumentBytes));
    if (bytes.empty()) return Error{order.name + " is empty"};
    if (!store) store = MERLON_TRY(open_store(command, environment, evidence::Access::kWrite));
    evidence::Database& database = store->database();
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
    const std::int64_t job = MERLON_TRY(
        queue_import(database, order, bytes, actor_of(environment), environment.clock->now()));
    MERLON_TRY(transaction.commit());
    return job;
}

// Puts the files into the store as jobs.
int queue_files(const ParsedCommand& command, const Environment& environment) {
    Result<Told> told = gather(command, environment);  // what is wrong is wrong now, not later
    if (!told.ok()) return fail(environment, told.error().to_string());
    ImportOrder common = std::move(told.value().order);
    if (command.is_set("root")) {
        // A worker may be on another machine: what the folder has goes with the job.
        Result<OwnerFiles> owners = owner_files(command.text("root"));
        if (!owners.ok()) return fail(environment, owners.error().to_string());
        common.owners = std::move(owners).value();
    }
    std::optional<evidence::Store> store;  // made by the first file that is there
    std::string out;
    bool is_whole = true;
    for (const std::string& name : command.arguments) {
        ImportOrder order = common;
        order.name = name;
        const Result<std::int64_t> job = queue_file(order, command, environment, store);
        if (job.ok()) {
            out += text::to_printable(fmt::format("{}: job {}", name, job.value())) + "\n";
        } else {
            is_whole = false;
            fail(environment, job.error().to_string());
        }
    }
    const int code = print(environment, out);
    return is_whole ? code : kIncomplete;
}

}  // namespace

int run_import(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    if (command.arguments.empty())
        return fail(environment, "which reports? merlon import FILE…; - is standard input");
    const Status told = check_told(command);
    if (!told.ok()) return fail(environment, told.error().to_string());
    if (command.is_set("queue")) return queue_files(command, environment);
    Result<Importing> begun = begin(command, environment);
    if (!begun.ok()) return fail(environment, begun.error().to_string());
    Importing importing = std::move(begun).value();
    const Result<std::string> place = store_place(command, environment);
    apply_sandbox({.writable_paths = {parent_directory(behind_links(place.value()))}});

    // DefectDojo's and Dependency-Track's API give findings, people and decisions apart.
    const std::string& from = command.text("from");
    if ((from == "defectdojo" || from == "dependency-track") && command.arguments.size() > 1) {
        for (const std::string& name : command.arguments) {
            Result<std::string> bytes = read_text_file(name, kMaxDocumentBytes);
            if (!bytes.ok()) return fail(environment, bytes.error().to_string());
            importing.documents.push_back(std::move(bytes).value());
        }
    }
    std::string out;
    bool is_whole = true;
    text::JsonWriter json(out, "  ");
    if (*json_asked) json.begin_array();
    for (const std::string& name : command.arguments) {
        if (is_interrupted(environment)) {
            is_whole = false;
            fail(environment, name + ": interrupted; it is not in the store");
            break;
        }
        const Result<Imported> imported = import_file(name, importing);
        if (!imported.ok()) {
            is_whole = false;
            fail(environment, imported.error().to_string());
        } else if (*json_asked) {
            append_json(imported.value(), json);
        } else {
            if (!imported.value().title.empty()) out += document_line(imported.value());
            out += import_lines(name, imported.value().runs);
            out += notice_lines(imported.value());
            if (imported.value().has_decisions) out += decision_lines(imported.value());
        }
    }
    if (importing.owners) {
        for (const std::string& problem : importing.owners->problems()) {
            is_whole = false;
            fail(environment, problem);
        }
    }
    if (*json_asked) json.end_array();
    if (*json_asked) out += '\n';
    const int code = print(environment, out);
    return is_whole ? code : kIncomplete;
}

}  // namespace merlon::cli
