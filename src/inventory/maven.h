#pragma once

// Maven projects (maven.apache.org/pom.html; "Maven Model Builder"): what a pom.xml says, and what
// it means with its parents and the BOMs that it imports.
//
// The idea: a POM's own file gives a MavenProject without any lookup. conclude() then resolves each
// one against the other POMs of the tree, without a network: what a parent that is not there would
// have said stays open, and is an unknown of the source. Parents and imports that lead back to
// themselves are cut there.
//
// Not thread-safe. Cost: linear in the chain of parents and imports of each project, which is
// resolved once.

#include <map>
#include <string>
#include <vector>

#include "inventory/inventory.h"

namespace merlon::inventory {

class Tree;

struct MavenCoordinates {
    std::string group;
    std::string artifact;
    std::string version;
};

struct MavenDependency {
    MavenCoordinates coordinates;
    std::string scope;
    std::string type;
    std::string classifier;
    bool is_optional = false;
    model::TextRegion region;

    // What dependencyManagement finds it by.
    std::string key() const {
        return coordinates.group + ":" + coordinates.artifact + ":" +
               (type.empty() ? "jar" : type) + ":" + classifier;
    }
};

// Texts are as in the file: properties are not put in yet.
struct MavenProject {
    MavenCoordinates own;  // group and version may be empty: the parent's
    bool has_parent = false;
    MavenCoordinates parent;
    std::string parent_path = "../pom.xml";
    model::TextRegion parent_region;
    model::TextRegion region;
    std::map<std::string, std::string> properties;
    std::vector<MavenDependency> managed;
    std::vector<MavenDependency> dependencies;
    std::vector<std::string> licenses;
};

// Fills the packages of each pom.xml.
void join_maven_projects(std::vector<FileFacts>& files, const Tree& tree);

}  // namespace merlon::inventory
