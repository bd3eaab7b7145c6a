#include "scan/system_programs.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::PackageSource;

PackageSource database(const std::string& path) {
    Package package;
    package.distribution = {"debian", "12", ""};
    return {"dpkg-status", path, Ecosystem::kDeb, {package}, {}};
}

// The CPE name and the distribution that are asked with.
std::string asked(const std::string& database_path, const std::string& path) {
    const std::vector<PackageSource> sources{database(database_path)};
    Package question;
    question.cpe = "cpe";
    SystemPrograms(sources).prepare({"executable", path, Ecosystem::kGeneric, {}, {}}, question);
    return question.cpe + " " + question.distribution.id;
}

TEST(SystemPrograms, are_those_that_stand_where_distributions_put_theirs) {
    for (const std::string root : {"", "image/", "a/lib/b/"}) {
        const std::string database = root + "var/lib/dpkg/status";
        for (const std::string path : {"usr/bin/python3.11", "bin/bash", "sbin/x", "lib/libssl.so",
                                       "lib64/libssl.so", "usr/lib/x/perl"}) {
            EXPECT_EQ(asked(database, root + path), " debian") << root << path;
        }
        for (const std::string path :
             {"usr/local/bin/python3.11", "opt/x/bin/node", "srv/nginx", "home/me/bin/node"}) {
            EXPECT_EQ(asked(database, root + path), "cpe debian") << root << path;
        }
    }
    EXPECT_EQ(asked("image/var/lib/dpkg/status", "other/usr/bin/python3.11"), "cpe ");
    EXPECT_EQ(asked("packages.deb", "usr/bin/python3.11"), "cpe ");
}

TEST(SystemPrograms, need_a_database_of_installed_packages) {
    Package question;
    question.cpe = "cpe";
    SystemPrograms({}).prepare({"executable", "usr/bin/node", Ecosystem::kGeneric, {}, {}},
                               question);
    EXPECT_EQ(question.cpe, "cpe");
}

}  // namespace
}  // namespace merlon::scan
