#include "cli/nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace mnist {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
/// Source: V. I. Levenshtein's distance, with F. J. Damerau's swaps.
std::size_t edit_distance(const std::string& from, const std::string& to) {
  std::vector<std::vector<std::size_t>> edits(from.size() + 1);
  for (std::size_t i = 0; i <= from.size(); ++i) {
    for (std::size_t j = 0; j <= to.size(); ++j) {
      std::size_t fewest = i + j;
      if (i > 0 && j > 0) {
        const std::size_t replaced = edits[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
        fewest = std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, replaced});
      }
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        fewest = std::min(fewest, edits[i - 2][j - 2] + 1);
      }
      edits[i].push_back(fewest);
    }
  }
  return edits.back().back();
}

/// Without dashes and in lower case: --Batch_Size is batchsize.
std::string plain(const std::string& name) {
  std::string letters;
  for (const char letter : name) {
    if (letter == '-' || letter == '_') continue;
    letters += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return letters;
}

}  // namespace

std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates) {
  const std::string given = plain(word);
  std::optional<std::string> best;
  const std::size_t size = given.size();
  if (size < 2) return best;  // too little to guess from
  std::size_t best_distance = size < 3 ? 1 : std::min<std::size_t>(4, (size + 4) / 3);
  for (const std::string& candidate : candidates) {
    const std::string letters = plain(candidate);
    std::size_t distance = edit_distance(given, letters);
    if (given.starts_with(letters) || letters.starts_with(given)) {
      distance = std::min<std::size_t>(distance, size < 3 ? 0 : 1);
    }
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace mnist
