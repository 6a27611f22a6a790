#pragma once

#include <filesystem>
#include <string>

namespace mnist {

/// What is in a place where no data set was found.
struct NearMisses {
  std::string found;   ///< " (no such folder)", " (found mnist_train.csv)"; empty if nothing is
  std::string remedy;  ///< that fits it; empty if nothing is
};

/// Looks in `dir` and some levels below for data in other places, of other sets or in other forms,
/// by their names. It stops after a while, so that a large folder costs little.
NearMisses find_near_misses(const std::filesystem::path& dir);

}  // namespace mnist
