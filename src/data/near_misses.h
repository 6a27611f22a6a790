#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mnist {

/// What is in a place where no data set, or a file of it, was found.
struct NearMisses {
  std::string found;   ///< " (no such folder)", " (found mnist_train.csv)"; empty if nothing is
  std::string remedy;  ///< that fits it; empty if nothing is
};

/// Looks in `dir` and some levels below for data in other places, of other sets or in other forms,
/// by their names, and for links and permissions that hide it. It stops after a while, so that a
/// large folder costs little.
NearMisses find_near_misses(const std::filesystem::path& dir);

/// Looks in `dir` for what may be the files of these names: one that is there but cannot be
/// reached, or others, such as test-images-idx3-ubyte for t10k-images-idx3-ubyte.
NearMisses find_near_misses(const std::filesystem::path& dir,
                            const std::vector<std::string>& names);

}  // namespace mnist
