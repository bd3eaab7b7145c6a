#include "inventory/example.h"

#include <gtest/gtest.h>

namespace merlon::inventory::example {
namespace {

using packages::Relation;
using packages::Scope;

std::string_view word(Relation relation) {
    constexpr std::string_view kWords[] = {"", " root", " direct", " transitive"};
    return kWords[static_cast<std::size_t>(relation)];
}

std::string_view word(Scope scope) {
    constexpr std::string_view kWords[] = {"",       " runtime",  " dev", " test",
                                           " build", " optional", " peer"};
    return kWords[static_cast<std::size_t>(scope)];
}

Result<Facts> try_read(std::string_view reader, std::string_view text, std::string_view path = {}) {
    Scratch scratch;
    model::Document document;
    document.bytes = text;
    document.origin.push_back(
        {.kind = model::OriginStep::Kind::kFile, .name = std::string(path), .symlink = {}});
    return examine(document, *reader_named(reader), Limits{}, scratch);
}

}  // namespace

std::string show(const packages::PackageSource& source) {
    std::string text;
    for (const auto& package : source.packages) {
        const auto& region = package.location.region;
        for (const std::string& member : package.location.members) text += member + "!";
        text += std::to_string(region.start_line) + ":" + std::to_string(region.start_column) +
                " " + package.name;
        if (!package.version.empty()) text += " " + package.version;
        if (!package.requested.empty()) text += " (" + package.requested + ")";
        text += word(package.relation);
        text += word(package.scope);
        if (package.local) text += " local";
        if (!package.commit.empty()) text += " commit=" + package.commit;
        for (std::size_t i = 0; i < package.requires_.size(); ++i)
            text += (i == 0 ? " -> " : ",") + std::to_string(package.requires_[i]);
        text += "\n";
    }
    for (const std::string& unknown : source.unknowns) text += "? " + unknown + "\n";
    return text;
}

std::string read(std::string_view reader, std::string_view text) {
    const Result<Facts> facts = try_read(reader, text);
    return facts.ok() ? show(facts.value().source) : "error: " + facts.error().to_string() + "\n";
}

Facts facts(std::string_view reader, std::string_view text, std::string_view path) {
    Result<Facts> read = try_read(reader, text, path);
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().to_string());
    return read.ok() ? std::move(read).value() : Facts{};
}

Inventory conclude_tree(const std::vector<File>& files) {
    std::vector<FileFacts> all;
    for (const File& file : files) {
        const Reader* reader = reader_for(file.path);
        if (reader == nullptr) reader = reader_for_bytes(file.text);
        EXPECT_NE(reader, nullptr) << file.path;
        if (reader == nullptr) continue;
        all.push_back(
            {std::string(file.path), {}, reader, facts(reader->name, file.text, file.path)});
    }
    return conclude(std::move(all));
}

std::string read_tree(const std::vector<File>& files) {
    std::string text;
    for (const auto& source : conclude_tree(files).sources)
        text += "== " + source.path + " (" + source.reader + ")\n" + show(source);
    return text;
}

}  // namespace merlon::inventory::example
