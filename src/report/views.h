#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run/record.h"

namespace mnist {

using Runs = std::vector<RunRecord>;

// What the sections of a report show, as data for its template: names, words and positions. The
// members have the names that report.html uses; all of them are texts, booleans, lists and objects.
// Where there are several runs, the one at i has style i of a chart: see series_mark().

/// All of them, with what is common to the sections: the view that report.html is filled in with.
nlohmann::json report_view(const Runs& runs);

/// What came out: in words for one run, as a table for several.
nlohmann::json result_view(const Runs& runs);

/// On which test images just one of two runs is right, and whether that can be chance: each run
/// against the first one given that has predictions. Null for one run, and if none has predictions.
nlohmann::json pairs_view(const Runs& runs);

/// The losses of all runs over the epochs, in one chart.
nlohmann::json curves_view(const Runs& runs);

/// The accuracy of each digit with its 95 % interval; null if no run was tested.
nlohmann::json digits_view(const Runs& runs);

/// A confusion matrix for each run, as a heat map; null if no run was tested.
nlohmann::json confusion_view(const Runs& runs);

/// The pictures of RunRecord::misclassified.
nlohmann::json mistakes_view(const Runs& runs);

// What several sections need.

/// How many of some images are right.
struct Score {
  std::int64_t correct;
  std::int64_t total;

  double share() const { return accuracy(correct, total); }
  Interval interval() const { return wilson_interval(correct, total); }
  std::string interval_text() const;  ///< "96.50 to 98.43 %"
};

/// Of all images of a test.
Score score(const Evaluation& evaluation);

/// The name of a run, with the mark of its lines where there are several: see label.html.
nlohmann::json label(const Runs& runs, std::size_t run);

/// What a sentence about a run begins with: its name where there are several.
std::string subject(const Runs& runs, std::size_t run);

/// Why a run has no test, as a sentence.
std::string why_untested(const Runs& runs, std::size_t run);

/// The positions of the runs that have a test.
std::vector<std::size_t> tested(const Runs& runs);

/// The value of an option; a dash if it was not set.
std::string option_of(const RunRecord& run, const std::string& name);

}  // namespace mnist
