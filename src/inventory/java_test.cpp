#include <gtest/gtest.h>

#include "inventory/example.h"
#include "inventory/example_archive.h"
#include "inventory/jar.h"

namespace merlon::inventory {
namespace {

using example::read;
using example::read_tree;
using example::zip;

TEST(Maven, a_childs_property_counts_in_what_its_parent_manages) {
    EXPECT_EQ(example::read_tree(
                  {{"pom.xml",
                    "<project><groupId>g</groupId><artifactId>p</artifactId><version>1</version>"
                    "<properties><v>1.0</v></properties><dependencyManagement><dependencies>"
                    "<dependency><groupId>x</groupId><artifactId>y</artifactId>"
                    "<version>${v}</version></dependency></dependencies></dependencyManagement>"
                    "</project>"},
                   {"c/pom.xml",
                    "<project><parent><groupId>g</groupId><artifactId>p</artifactId>"
                    "<version>1</version></parent><artifactId>c</artifactId>"
                    "<properties><v>2.0</v></properties><dependencies><dependency>"
                    "<groupId>x</groupId><artifactId>y</artifactId></dependency></dependencies>"
                    "</project>"}}),
              "== c/pom.xml (maven-pom)\n1:93 g:c 1 root local -> 1\n"
              "1:168 x:y 2.0 direct runtime\n"
              "== pom.xml (maven-pom)\n1:30 g:p 1 root local\n");
}

TEST(Maven, parents_properties_management_and_imports) {
    EXPECT_EQ(read_tree({{"pom.xml", R"(<project>
  <groupId>com.example</groupId><artifactId>parent</artifactId><version>1.0</version>
  <properties><slf4j.version>2.0.7</slf4j.version><junit>4.13</junit></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId>
      <version>${junit}</version><scope>test</scope></dependency>
    <dependency><groupId>com.example</groupId><artifactId>bom</artifactId><version>${project.version}</version>
      <type>pom</type><scope>import</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>${slf4j.version}</version></dependency>
  </dependencies>
</project>)"},
                         {"app/pom.xml", R"(<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>1.0</version></parent>
  <artifactId>app</artifactId>
  <properties><slf4j.version>2.0.9</slf4j.version></properties>
  <dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>other</artifactId><version>${project.version}</version></dependency>
    <dependency><groupId>a</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>a</groupId><artifactId>open</artifactId><version>${nowhere}</version></dependency>
    <dependency><groupId>a</groupId><artifactId>range</artifactId><version>[1.0,2.0)</version></dependency>
    <dependency><groupId>a</groupId><artifactId>exact</artifactId><version>[1.5]</version></dependency>
    <dependency><groupId>a</groupId><artifactId>none</artifactId></dependency>
  </dependencies>
</project>)"},
                         {"bom/pom.xml", R"(<project>
  <groupId>com.example</groupId><artifactId>bom</artifactId><version>1.0</version>
  <dependencyManagement><dependencies>
    <dependency><groupId>a</groupId><artifactId>managed</artifactId><version>3.1</version></dependency>
  </dependencies></dependencyManagement>
</project>)"}}),
              "== app/pom.xml (maven-pom)\n"
              "3:3 com.example:app 1.0 root local -> 1,2,3,4,5,6,7,8\n"
              "6:5 junit:junit 4.13 direct test\n"
              "7:5 com.example:other 1.0 direct runtime\n"
              "8:5 a:managed 3.1 direct runtime\n"
              "9:5 a:open (${nowhere}) direct runtime\n"
              "10:5 a:range ([1.0,2.0)) direct runtime\n"
              "11:5 a:exact 1.5 ([1.5]) direct runtime\n"
              "12:5 a:none direct runtime\n"
              "2:3 org.slf4j:slf4j-api 2.0.9 direct runtime\n"
              "? line 9: a:open has a version that stays open: ${nowhere}\n"
              "? line 12: a:none has no version in this tree\n"
              "== bom/pom.xml (maven-pom)\n"
              "2:33 com.example:bom 1.0 root local\n"
              "== pom.xml (maven-pom)\n"
              "2:33 com.example:parent 1.0 root local -> 1\n"
              "11:5 org.slf4j:slf4j-api 2.0.7 direct runtime\n");
}

TEST(Maven, parents_that_are_their_own_end_and_those_that_are_away_are_told) {
    const std::string_view circle = R"(<project>
  <parent><groupId>g</groupId><artifactId>b</artifactId><version>1</version><relativePath>../b</relativePath></parent>
  <artifactId>a</artifactId><properties><x>${y}</x><y>${x}</y></properties>
  <dependencies><dependency><groupId>d</groupId><artifactId>d</artifactId><version>${x}</version></dependency></dependencies>
</project>)";
    const std::string_view back = R"(<project>
  <parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>../a</relativePath></parent>
  <artifactId>b</artifactId></project>)";
    const std::string shown = read_tree({{"a/pom.xml", circle}, {"b/pom.xml", back}});
    EXPECT_NE(shown.find("3:3 g:a 1 root"), std::string::npos) << shown;
    EXPECT_NE(shown.find("stays open"), std::string::npos) << shown;
    EXPECT_EQ(read_tree({{"pom.xml", R"(<project>
  <parent><groupId>g</groupId><artifactId>away</artifactId><version>1</version></parent>
  <artifactId>a</artifactId></project>)"}}),
              "== pom.xml (maven-pom)\n"
              "3:3 g:a 1 root local\n"
              "? line 2: the parent g:away:1 is not in this tree\n");
    EXPECT_EQ(read("maven-pom", "<settings/>"),
              "error: pom.xml: expected the element <project>, found <settings> (while reading it "
              "as maven-pom)\n");
}

TEST(Gradle, lock_files_catalogs_and_verification) {
    EXPECT_EQ(read("gradle-lock", R"(# This is a Gradle generated file
com.google.guava:guava:31.1-jre=compileClasspath,testRuntimeClasspath
junit:junit:4.13=testCompileClasspath
org.x:processor:1.0=annotationProcessor
broken
empty=runtimeOnly
)"),
              "2:1 com.google.guava:guava 31.1-jre runtime\n"
              "3:1 junit:junit 4.13 test\n"
              "4:1 org.x:processor 1.0 build\n"
              "? line 5: expected \"group:artifact:version=…\": broken\n");
    EXPECT_EQ(read("gradle-catalog", R"([versions]
guava = "31.1-jre"
okhttp = { strictly = "[4.0, 5.0[" }
[libraries]
guava = { module = "com.google.guava:guava", version.ref = "guava" }
okhttp = { group = "com.squareup.okhttp3", name = "okhttp", version.ref = "okhttp" }
short = "a:b:1.0"
bare = { module = "c:d" }
[plugins]
kotlin = { id = "org.jetbrains.kotlin.jvm", version = "1.9.0" }
)"),
              "5:1 com.google.guava:guava 31.1-jre direct\n"
              "6:1 com.squareup.okhttp3:okhttp ([4.0, 5.0[) direct\n"
              "7:1 a:b 1.0 direct\n"
              "8:1 c:d direct\n"
              "10:1 org.jetbrains.kotlin.jvm:org.jetbrains.kotlin.jvm.gradle.plugin 1.9.0 direct "
              "build\n");
    EXPECT_EQ(read("gradle-verification", R"(<verification-metadata><components>
<component group="g" name="a" version="1"><artifact name="a-1.jar"><sha256 value="00FF"/></artifact></component>
</components></verification-metadata>)"),
              "2:1 g:a 1\n");
    EXPECT_EQ(read("sbt-lock", R"({"dependencies": [
{"org": "o", "name": "n", "version": "1", "artifacts": [{"name": "n.jar", "hash": "sha1:00"}], "configurations": ["test"]}]})"),
              "2:1 o:n 1 test\n");
}

TEST(Jar, properties_go_before_the_manifest_and_that_before_the_name) {
    const std::string plain =
        zip({{"META-INF/MANIFEST.MF",
              "Manifest-Version: 1.0\r\nBundle-SymbolicName: org.slf4j.slf"
              "4j-\r\n api\r\nImplementation-Version: 9\r\n\r\nName: x\r\n"}});
    const std::string shaded = zip(
        {{"META-INF/maven/a/b/pom.properties", "#c\nversion=1.0\ngroupId=a\nartifactId=b\n"},
         {"META-INF/maven/c/d/pom.properties", "version=2.0\r\ngroupId=c\r\nartifactId=d\r\n"}});
    const std::string war = zip({{"WEB-INF/lib/slf4j-api-1.7.36.jar", plain},
                                 {"WEB-INF/lib/all.jar", shaded},
                                 {"WEB-INF/lib/unnamed.jar", zip({{"x", "y"}})},
                                 {"META-INF/MANIFEST.MF", "Implementation-Version: 0.9\n"}});
    EXPECT_EQ(read_tree({{"lib/shop-1.2.war", war}}),
              "== lib/shop-1.2.war (java-archive)\n"
              "0:0 shop 1.2\n"
              "WEB-INF/lib/all.jar!0:0 a:b 1.0\n"
              "WEB-INF/lib/all.jar!0:0 c:d 2.0\n"
              "WEB-INF/lib/slf4j-api-1.7.36.jar!0:0 org.slf4j:slf4j-api 1.7.36\n"
              "WEB-INF/lib/unnamed.jar!0:0 unnamed\n"
              "? an archive that states no version: unnamed\n");
    EXPECT_EQ(conclude({}).sources.size(), 0u);
}

TEST(Jar, a_pom_inside_states_the_licences_of_its_package) {
    const std::string pom =
        "<project><licenses><license><name>MIT</name></license><license><name>Apache-2.0</name>"
        "</license></licenses></project>";
    const Inventory inventory = example::conclude_tree(
        {{"x.jar",
          zip({{"META-INF/maven/a/b/pom.xml", pom},
               {"META-INF/maven/a/b/pom.properties", "version=1\ngroupId=a\nartifactId=b\n"},
               {"META-INF/maven/c/d/pom.properties", "version=2\ngroupId=c\nartifactId=d\n"},
               {"META-INF/maven/c/d/pom.xml", "no XML"}})}});
    ASSERT_EQ(inventory.sources.size(), 1u);
    ASSERT_EQ(inventory.sources[0].packages.size(), 2u);
    EXPECT_EQ(inventory.sources[0].packages[0].licenses,
              (std::vector<std::string>{"MIT", "Apache-2.0"}));
    EXPECT_TRUE(inventory.sources[0].packages[1].licenses.empty());
}

TEST(Jar, only_what_is_asked_for_is_unpacked) {
    // A class that is damaged says nothing of the packages; the manifest would.
    std::string jar = zip({{"a/B.class", "bytes of a class"},
                           {"META-INF/MANIFEST.MF", "Implementation-Version: 3\n"}});
    jar[jar.find("bytes of")] = 'x';
    const Inventory inventory = example::conclude_tree({{"x.jar", jar}});
    EXPECT_TRUE(inventory.gaps.empty());
    ASSERT_EQ(inventory.sources.size(), 1u);
    EXPECT_EQ(inventory.sources[0].packages[0].version, "3");
    jar[jar.find("Implementation")] = 'x';
    EXPECT_FALSE(example::conclude_tree({{"x.jar", jar}}).gaps.empty());
}

TEST(Jar, members_count_against_the_limit_of_the_outermost_archive) {
    std::vector<std::pair<std::string, std::string>> members;
    for (int i = 0; i < 5; ++i) {
        const std::string name = std::to_string(i);
        members.emplace_back("META-INF/maven/g/" + name + "/pom.properties",
                             "version=1\ngroupId=g\nartifactId=" + name + "\n");
    }
    const std::string war =
        zip({{"lib/a.jar", zip(members)}, {"META-INF/MANIFEST.MF", "Implementation-Version: 3\n"}});
    model::Document document;
    document.bytes = war;
    Limits limits;
    limits.max_archive_members = 4;
    Scratch scratch;
    const auto facts = examine(document, *reader_named("java-archive"), limits, scratch);
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(facts.value().source.packages.size(), 4u) << "three of lib/a.jar, and the war";
    ASSERT_EQ(facts.value().gaps.size(), 2u) << "of each archive";
    EXPECT_EQ(facts.value().gaps[0].cause, model::GapCause::kArchiveLimit);
    EXPECT_EQ(facts.value().gaps[0].path, "lib/a.jar!META-INF/maven/g/3/pom.properties");
}

TEST(Jar, damage_inside_is_a_gap) {
    std::string war = zip({{"lib/a-1.jar", "PK not"}});
    const Inventory inventory = example::conclude_tree({{"x-1.war", war}});
    ASSERT_FALSE(inventory.gaps.empty());
    EXPECT_EQ(inventory.gaps[0].path, "x-1.war!lib/a-1.jar");
    EXPECT_EQ(inventory.gaps[0].cause, model::GapCause::kCorruptArchive);
}

TEST(Jar, names_are_taken_apart_at_the_version) {
    const struct {
        std::string_view path, artifact, version;
    } cases[] = {{"a/commons-io-2.4.jar", "commons-io", "2.4"},
                 {"guava-31.1-jre.jar", "guava", "31.1-jre"},
                 {"plain.jar", "plain", ""},
                 {"log4j-1.2-api-2.17.1.jar", "log4j", "1.2-api-2.17.1"}};
    for (const auto& c : cases) {
        EXPECT_EQ(parse_jar_name(c.path).artifact, c.artifact);
        EXPECT_EQ(parse_jar_name(c.path).version, c.version);
    }
}

}  // namespace
}  // namespace merlon::inventory
