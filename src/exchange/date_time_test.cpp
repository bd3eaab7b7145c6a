#include "exchange/date_time.h"

#include <gtest/gtest.h>

#include "exchange/uuid.h"

namespace merlon::exchange {
namespace {

TEST(DateTime, takes_what_rfc_3339_has_as_examples) {
    for (const std::string_view text :
         {"1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z",
          "1937-01-01T12:00:27.87+00:20", "2024-02-29t00:00:00z"}) {
        EXPECT_TRUE(is_date_time(text)) << text;
    }
}

TEST(DateTime, refuses_what_no_schema_takes) {
    for (const std::string_view text :
         {"", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01T00:00Z", "2023-02-29T00:00:00Z",
          "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
          "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00+24:00",
          "2024-01-01 00:00:00Z", "2024-01-01Tnonsense-and-more"}) {
        EXPECT_FALSE(is_date_time(text)) << text;
    }
}

TEST(DateTime, is_read_to_the_second_whatever_its_zone) {
    const auto read = [](std::string_view text) {
        const Result<Timestamp> moment = parse_date_time(text);
        return moment.ok() ? format_rfc3339(moment.value()) : moment.error().message;
    };
    EXPECT_EQ(read("2026-01-02T03:04:05.678901Z"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(read("2026-01-01T00:30:00+01:00"), "2025-12-31T23:30:00Z");
    EXPECT_EQ(read("2026-01-01T23:30:00-08:00"), "2026-01-02T07:30:00Z");
    EXPECT_EQ(read("2026-01-02"), "2026-01-02T00:00:00Z");
    EXPECT_EQ(read("2026-01-02T03:04:05"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(read("soon"), "'soon' is no moment as RFC 3339 writes it");
    EXPECT_FALSE(parse_date_time("").ok());
    EXPECT_FALSE(parse_date_time("2026-02-30").ok());
}

TEST(Uuid, has_five_groups_of_digits_in_lower_case) {
    EXPECT_TRUE(is_uuid("3e671687-395b-41f5-a30f-a58921a69b79"));
    for (const std::string_view text :
         {"", "3e671687395b41f5a30fa58921a69b79", "3E671687-395b-41f5-a30f-a58921a69b79",
          "3e671687-395b-41f5-a30f-a58921a69b7", "3e671687-395b-41f5-a30f-a58921a69b7g",
          "3e671687-395b-41f5-a30fa-58921a69b79"}) {
        EXPECT_FALSE(is_uuid(text)) << text;
    }
}

}  // namespace
}  // namespace merlon::exchange
