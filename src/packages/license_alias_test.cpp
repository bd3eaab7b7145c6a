#include "packages/license_alias.h"

#include <gtest/gtest.h>

namespace merlon::packages {
namespace {

TEST(LicenseAlias, names_that_people_write_are_identifiers) {
    const struct {
        std::string_view stated, expected;
    } cases[] = {
        {"Apache License, Version 2.0", "Apache-2.0"},
        {"Apache 2.0", "Apache-2.0"},
        {"The MIT License (MIT)", "MIT"},
        {"MIT License", "MIT"},
        {"GPLv3", "GPL-3.0-only"},
        {"GPLv2+", "GPL-2.0-or-later"},
        {"GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"},
        {"GNU Lesser General Public License v2.1", "LGPL-2.1-only"},
        {"GNU General Public License v3.0 only", "GPL-3.0-only"},
        {"GNU General Public License v2.0 or later", "GPL-2.0-or-later"},
        {"GNU General Public License, Version 2 or any later version", "GPL-2.0-or-later"},
        {"GPL 3.0+", "GPL-3.0-or-later"},
        {"LGPL-2.1+", "LGPL-2.1+"},
        {"AGPLv3", "AGPL-3.0-only"},
        {"GNU Library General Public License v2 or later", "LGPL-2.0-or-later"},
        {"Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"},
        {"New BSD License", "BSD-3-Clause"},
        {"BSD 3-Clause", "BSD-3-Clause"},
        {"ISC License (ISCL)", "ISC"},
        {"zlib/libpng License", "Zlib"},
        {"MIT OR Apache 2.0", "MIT OR Apache-2.0"},
        {"GPL-2.0-only WITH Classpath-exception-2.0 OR MIT License",
         "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(spdx_expression(one.stated), one.expected) << one.stated;
}

TEST(LicenseAlias, what_means_several_licences_stays_as_it_is) {
    for (const std::string_view stated :
         {"BSD", "BSD License", "GPL", "LGPL", "Artistic", "see LICENSE", "Public Domain",
          "MIT and our own", "GPL 9", "GPL 2 with linking", "GNU General Public License (GPL)"})
        EXPECT_EQ(spdx_expression(stated), stated);
}

TEST(LicenseAlias, what_is_an_expression_is_left_alone) {
    for (const std::string_view stated : {"MIT", "(MIT OR Apache-2.0)", "LicenseRef-mine", ""})
        EXPECT_EQ(spdx_expression(stated), stated);
}

}  // namespace
}  // namespace merlon::packages
