#pragma once

// What is said to a Git server to get one commit's tree (gitprotocol-v2, over HTTP as in
// gitprotocol-http): requests as bytes, and readers of what comes back.
//
// The idea: protocol version 2 alone, and of it two commands. `ls-refs` says which commit a name
// stands for; `fetch` brings that commit with its trees and blobs and without its history, or,
// where a commit before it is here, what that one's tree lacks. Nothing is sent that the server did
// not say it takes: servers before Git 2.28 refuse what they do not know. Whoever uses it brings
// the connection.
//
// Readers take pieces as they arrive. Thread-safe: no state but a reader's own. Memory: one packet.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

// gitprotocol-common, "pkt-line Format".
enum class PacketKind : unsigned char { kData, kFlush, kDelimiter, kEnd };

class PacketReader {
  public:
    using Sink = std::function<Status(PacketKind kind, std::string_view payload)>;
    explicit PacketReader(Sink sink) : sink_(std::move(sink)) {}

    Status feed(std::string_view bytes);
    // Fails where a packet is cut off.
    Status finish() const;

  private:
    Sink sink_;
    std::string held_;  // of a packet that is not whole
};

// What a server wants to be told with each command, and how it names objects.
struct ServerTraits {
    HashAlgorithm algorithm = HashAlgorithm::kSha1;
    bool takes_object_format = false;
    bool takes_agent = false;
};

// What `info/refs` says of the server.
class Advertisement {
  public:
    Status take(PacketKind kind, std::string_view payload);
    // Fails where the server does not speak version 2, or cannot fetch a single commit.
    Status check() const;
    const ServerTraits& traits() const { return traits_; }

  private:
    bool is_version_2_ = false;
    bool has_shallow_ = false;
    bool has_unknown_format_ = false;
    ServerTraits traits_;
};

// Asks for the commit that `reference` stands for: "HEAD", a branch or a tag, or a whole name.
std::string reference_request(const ServerTraits& server, std::string_view reference);

class ReferenceAnswer {
  public:
    explicit ReferenceAnswer(HashAlgorithm algorithm, std::string reference)
        : algorithm_(algorithm), reference_(std::move(reference)) {}
    Status take(PacketKind kind, std::string_view payload);
    // Of a tag, what it is about.
    const std::optional<ObjectId>& commit() const { return commit_; }

  private:
    HashAlgorithm algorithm_;
    std::string reference_;
    std::size_t rank_ = 0;  // of the name that was found, as git prefers them
    std::optional<ObjectId> commit_;
};

// Asks for `wanted` without its history.
std::string fetch_request(const ServerTraits& server, const ObjectId& wanted);
// Asks for what `wanted` has and `known`, a commit that is here without its history, has not; what
// comes may be built on objects of `known` (a thin pack). Without history again, since a merge
// would bring the whole of its other side. Where the one does not lead to the other, no pack comes.
std::string fetch_request(const ServerTraits& server, const ObjectId& wanted,
                          const ObjectId& known);

class FetchAnswer {
  public:
    // `on_pack` gets the pack's bytes.
    explicit FetchAnswer(std::function<Status(std::string_view bytes)> on_pack)
        : on_pack_(std::move(on_pack)) {}
    Status take(PacketKind kind, std::string_view payload);
    // Fails where the answer is cut off.
    Status check() const;
    bool has_pack() const { return has_pack_; }

  private:
    std::function<Status(std::string_view bytes)> on_pack_;
    bool has_pack_ = false;
    enum class Part : unsigned char { kStart, kOther, kPack, kDone } part_ = Part::kStart;
};

}  // namespace merlon::connect::git
