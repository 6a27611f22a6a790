#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mnist {

/// The candidate that `word` was most likely meant to be: the one fewest edits away (V. I.
/// Levenshtein's distance), or one that it begins with. None if all are too different to be
/// helpful.
std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates);

}  // namespace mnist
