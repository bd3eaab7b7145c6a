#include "evidence/event_log.h"

#include "crypto/digest.h"
#include "evidence/outbox.h"
#include "text/utf8.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kNumberBytes = 8;

void append_number(std::uint64_t number, std::string& bytes) {
    for (std::size_t i = 0; i < kNumberBytes; ++i, number >>= 8)
        bytes += static_cast<char>(number & 0xFF);
}

class BytesReader {
  public:
    explicit BytesReader(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::uint64_t count) {
        is_whole_ = is_whole_ && count <= rest_.size();
        if (!is_whole_) return {};
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    std::uint64_t number() {
        std::uint64_t number = 0;
        const std::string_view bytes = take(kNumberBytes);
        for (std::size_t i = bytes.size(); i-- > 0;)
            number = number << 8 | static_cast<unsigned char>(bytes[i]);
        return number;
    }
    std::string_view text() { return take(number()); }
    bool is_at_end() const { return is_whole_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool is_whole_ = true;
};

Event read_event(Cells row) {
    return {.seq = integer_of(row[0]),
            .at_ms = integer_of(row[1]),
            .actor = std::string(text_of(row[2])),
            .kind = std::string(text_of(row[3])),
            .body = std::string(text_of(row[4])),
            .before = std::string(bytes_of(row[5])),
            .hash = std::string(bytes_of(row[6]))};
}
constexpr std::string_view kSelect =
    "SELECT seq, at_ms, actor, kind, body, before, hash FROM event ";

// Behind the last one; without body and hash.
Result<Event> next_event(Database& database, const NewEvent& event) {
    Event made{.seq = 1,
               .at_ms = event.at.nanoseconds / 1'000'000,
               .actor = text::to_valid_utf8(event.actor),
               .kind = text::to_valid_utf8(event.kind),
               .body = {},
               .before = std::string(kEventHashBytes, '\0'),
               .hash = {}};
    MERLON_TRY(database.each_row("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", {},
                                 [&](Cells row) {
                                     made.seq = integer_of(row[0]) + 1;
                                     made.before = bytes_of(row[1]);
                                 }));
    return made;
}

Status insert_event(Database& database, const Event& event) {
    return database.run(
        "INSERT INTO event (seq, at_ms, actor, kind, body, before, hash) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {event.seq, event.at_ms, std::string_view(event.actor), std::string_view(event.kind),
         std::string_view(event.body), Bytes{event.before}, Bytes{event.hash}});
}

}  // namespace

std::string event_bytes(const Event& event) {
    std::string bytes = event.before;
    append_number(static_cast<std::uint64_t>(event.seq), bytes);
    append_number(static_cast<std::uint64_t>(event.at_ms), bytes);
    for (const std::string* text : {&event.actor, &event.kind, &event.body}) {
        append_number(text->size(), bytes);
        bytes += *text;
    }
    return bytes;
}

Result<Event> parse_event_bytes(std::string_view bytes) {
    BytesReader reader(bytes);
    Event event;
    event.before = reader.take(kEventHashBytes);
    event.seq = static_cast<std::int64_t>(reader.number());
    event.at_ms = static_cast<std::int64_t>(reader.number());
    for (std::string* text : {&event.actor, &event.kind, &event.body}) *text = reader.text();
    if (!reader.is_at_end()) return Error{"these are not the bytes of an event"};
    event.hash = crypto::sha256(bytes).bytes();
    return event;
}

std::string event_hash(const Event& event) {
    return std::string(crypto::sha256(event_bytes(event)).bytes());
}

Result<std::int64_t> append_event(Database& database, const NewEvent& event) {
    Event made = MERLON_TRY(next_event(database, event));
    made.body = text::to_valid_utf8(event.body);
    made.hash = event_hash(made);
    MERLON_TRY(insert_event(database, made));
    MERLON_TRY(tell_webhooks(database, made));
    return made.seq;
}

Result<std::int64_t> append_event_of(Database& database, const NewEvent& event, const Deed& deed) {
    Event made = MERLON_TRY(next_event(database, event));
    made.hash = std::string(kEventHashBytes, '\0');  // nobody sees it: the transaction goes on
    MERLON_TRY(insert_event(database, made));
    made.body = text::to_valid_utf8(MERLON_TRY(deed(made.seq)));
    made.hash = event_hash(made);
    MERLON_TRY(database.run("UPDATE event SET body = $2, hash = $3 WHERE seq = $1",
                            {made.seq, std::string_view(made.body), Bytes{made.hash}}));
    MERLON_TRY(tell_webhooks(database, made));
    return made.seq;
}

Status each_event(Database& database, std::int64_t after, std::size_t limit,
                  const std::function<void(const Event& event)>& use) {
    return database.each_row(std::string(kSelect) + "WHERE seq > $1 ORDER BY seq LIMIT $2",
                             {after, static_cast<std::int64_t>(limit)},
                             [&](Cells row) { use(read_event(row)); });
}

}  // namespace merlon::evidence
