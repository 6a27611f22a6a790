#pragma once

#include <cstdint>
#include <vector>

#include "run/record.h"

namespace mnist {

/// How many test images only one of two runs classifies correctly.
struct DiscordantPairs {
  std::int64_t only_first = 0;
  std::int64_t only_second = 0;
};

/// Whether the predictions of both runs are for the same test images in the same order.
bool have_same_test_images(const RunRecord& first, const RunRecord& second);

/// Counts them. Both must be predictions for the same images.
DiscordantPairs discordant_pairs(const std::vector<TestPrediction>& first,
                                 const std::vector<TestPrediction>& second);

/// The p-value of the exact two-sided McNemar test, in [0,1]: if two networks are equally good, an
/// image that only one of them classifies correctly is as likely the first one's as the second's,
/// so the number of the first is binomial with the probability 1/2. Below 10^-300 it may be 0.
/// Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions
/// or percentages", Psychometrika 12 (1947).
double mcnemar_exact(const DiscordantPairs& pairs);

/// The p-values of several tests, in their order, adjusted so that the chance that any of them is
/// below a limit, where there is no difference at all, is at most that limit. Source: S. Holm,
/// "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
/// (1979).
std::vector<double> holm_adjusted(const std::vector<double>& p_values);

}  // namespace mnist
