#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run/record.h"

namespace mnist {

using Runs = std::vector<RunRecord>;

// What the sections of a report show, as data for its template. The members have the names that
// report.html uses; all of them are texts, booleans, lists and objects. Where there are several
// runs, the one at i has style i of style_class().

/// Accuracies, losses, epochs, time and status.
nlohmann::json results_view(const Runs& runs);

/// The options, and what the runs were computed with. What all runs have in common is listed apart
/// from the table of what differs.
nlohmann::json options_view(const Runs& runs);
nlohmann::json environment_view(const Runs& runs);

/// McNemar's test of each run against the first.
nlohmann::json comparison_view(const Runs& runs, const RunRecord& first);

/// The p-value of the exact two-sided McNemar test, in [0,1], from the numbers of images that only
/// one of two networks classifies correctly: if they are equally good, each number is binomial with
/// the probability 1/2. Below 10^-300 it may be 0.
/// Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions
/// or percentages", Psychometrika 12 (1947).
double mcnemar_exact(std::int64_t only_first, std::int64_t only_second);

/// The p-values of several tests, in their order, adjusted so that the chance that any of them is
/// below a limit, where there is no difference at all, is at most that limit. Source: S. Holm,
/// "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
/// (1979).
std::vector<double> holm_adjusted(const std::vector<double>& p_values);

/// Charts of losses and learning rates over the epochs with logarithmic axes, as positions in an
/// SVG picture 720 wide and 300 high; null if there is no point to show. Values that are no numbers
/// from 1e-100 to 1e100 are left out.
nlohmann::json curves_view(const Runs& runs);

/// The accuracy of each digit with its 95 % confidence interval; null if no run was tested.
nlohmann::json digits_view(const Runs& runs);

/// A confusion matrix for each run that was tested; null if none was.
nlohmann::json confusion_view(const Runs& runs);

// What several sections need.

constexpr std::size_t kMostInDetail = 6;  ///< see runs_in_detail()

/// The CSS classes of a line, which has one of six colors: "color-0 dash-0".
std::string style_class(std::size_t style);

/// The name of a run, with the style of its lines if it is one of several that have some: see
/// label.html.
nlohmann::json label(const Runs& runs, std::size_t run);

/// The positions of the runs that have a test.
std::vector<std::size_t> tested(const Runs& runs);

}  // namespace mnist
