#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/record.h"

namespace mnist {

/// How many images each of two runs, tested on the same ones, gets right.
struct Paired {
  std::int64_t both = 0;
  std::int64_t only_first = 0;
  std::int64_t only_second = 0;
  std::int64_t neither = 0;
};

/// Counts them. Both must be answers about the same images, so of the same number.
Paired compare(const std::vector<Answer>& first, const std::vector<Answer>& second);

/// Why two runs that have answers cannot be compared, as what follows the name of the second one in
/// a sentence; empty if they can: then they were tested on the same images.
std::string why_not_comparable(const RunRecord& first, const RunRecord& second);

/// How probable it is, if two networks are equally good, that the images on which only one of them
/// is right are divided between them as unevenly as here, or more: the exact two-sided McNemar
/// test, in [0,1]. Each such image is then as likely the first network's as the second's, so the
/// number of the first is binomial with the probability 1/2. Below 10^-300 it may be 0. Source:
/// Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
/// percentages", Psychometrika 12 (1947).
double mcnemar_exact(std::int64_t only_first, std::int64_t only_second);

/// The probabilities of several tests made larger, in their order, so that the chance that any of
/// them is below a limit, where there is no difference at all, is at most that limit. Source:
/// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6 (1979).
std::vector<double> holm_adjusted(const std::vector<double>& probabilities);

}  // namespace mnist
