#include "scan/many_matches.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

namespace merlon::scan {
namespace {

secrets::Program program_for(const std::string& regex) {
    model::Diagnostics diagnostics;
    secrets::LoadedConfig loaded =
        secrets::load_config("[[rules]]\nid='r'\nregex='''" + regex + "'''\n", "test.toml", {},
                             secrets::BadRules::kRefuse, diagnostics);
    return secrets::Program::compile(std::move(loaded.config).value(), secrets::ProgramOptions{},
                                     diagnostics)
        .value();
}

bool is_free(std::mutex& mutex) {
    bool locked = false;
    std::thread([&] {
        locked = mutex.try_lock();
        if (locked) mutex.unlock();
    }).join();
    return locked;
}

TEST(ManyMatches, are_held_by_one_until_they_are_gone) {
    const secrets::Program program = program_for("key-[0-9]+");
    secrets::Program::Scratch scratch;
    std::mutex one;
    for (const std::size_t count : {secrets::kManyMatches - 1, secrets::kManyMatches * 2}) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += "key-" + std::to_string(i) + '\n';
        model::Document document;
        document.bytes = text;
        {
            const ManyMatches many(&one, scratch);
            EXPECT_TRUE(is_free(one));
            EXPECT_EQ(program.examine(document, 0, scratch).matches.size(), count);
            EXPECT_EQ(is_free(one), count < secrets::kManyMatches);
        }
        EXPECT_TRUE(is_free(one));
        EXPECT_EQ(program.examine(document, 0, scratch).matches.size(), count);
        EXPECT_TRUE(is_free(one)) << "nobody asked";
    }
}

}  // namespace
}  // namespace merlon::scan
