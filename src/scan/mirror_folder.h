#pragma once

// What stands where in the folder of a mirrored repository (git_mirror.h): a bare repository
// (gitrepository-layout), and beside it what was fetched and is not a part of it yet.
//
// The idea: all names are made here, and each file is replaced whole, so that a run that ends
// anywhere leaves a folder that the next one understands.
//
//   fetched             the commit, "whole" or "since", and the name of its pack's file
//   incoming-<commit>   the pack as it came
//   next/               an objects folder where the new pack is tried
//   broken              what was built on the commit that is here did not fit: fetch all
//
// Value type. Not thread-safe; one process for a folder at a time.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::scan {

// What the file "fetched" says.
struct FetchedPack {
    connect::git::ObjectId commit;
    bool is_whole = false;  // not built on the commit that is here
    std::string file;       // the pack's, without its folder
};

class MirrorFolder {
  public:
    explicit MirrorFolder(std::string path) : path_(std::move(path)) {}

    std::string objects() const { return path_ + "/objects"; }
    std::string packs() const { return objects() + "/pack"; }
    std::string next() const { return path_ + "/next"; }
    std::string incoming(const std::string& file) const { return path_ + "/" + file; }
    static std::string incoming_name(const connect::git::ObjectId& commit) {
        return "incoming-" + commit.hex();
    }

    // The commit that the repository has.
    std::optional<connect::git::ObjectId> head() const;
    // Nothing, too, where the pack is gone.
    std::optional<FetchedPack> fetched() const;
    Status write_fetched(const FetchedPack& fetched) const;
    bool is_broken() const;
    Status mark_broken() const;

    // The repository's packs, sorted.
    std::vector<std::string> pack_files() const;
    // Whether each pack has its index and ends as its name says: what a lost or cut file breaks.
    bool has_sound_packs() const;

    // What runs that ended early left behind; `kept` is the fetched pack that stays, if any.
    void remove_leftovers(const std::optional<FetchedPack>& kept) const;
    // Removes the files of next(); where a sandbox lets no folder be removed, those stay.
    void clear_next() const;
    // Makes the commit HEAD. Its objects are here.
    Status set_head(const FetchedPack& fetched) const;
    // What was fetched is a part of the repository, or of no use.
    void forget_fetched(const FetchedPack& fetched) const;
    // All packs but this one ("pack-<digest>").
    void remove_other_packs(const std::string& kept) const;
    // The repository has no commit any more; the next run fetches all of one.
    void forget_head() const;

  private:
    std::string head_path() const { return path_ + "/refs/heads/feed"; }
    std::string fetched_path() const { return path_ + "/fetched"; }
    std::string broken_path() const { return path_ + "/broken"; }
    std::string shallow_path() const { return path_ + "/shallow"; }

    std::string path_;
};

}  // namespace merlon::scan
