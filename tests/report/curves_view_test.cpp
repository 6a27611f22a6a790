#include <cmath>
#include <limits>
#include <set>

#include "report/views.h"
#include "support.h"

namespace mnist {
namespace {

using nlohmann::json;

RunRecord with_losses(const std::vector<double>& losses) {
  RunRecord run;
  for (const double loss : losses) {
    run.history.push_back({std::ssize(run.history) + 1, 0, loss, 1.0, 1.0});
  }
  return run;
}

/// The chart of the losses of the epochs from 1 on.
json chart_of(const std::vector<double>& losses) {
  return curves_view({with_losses(losses)})["charts"][0];
}

json line_of(const std::vector<double>& losses) { return chart_of(losses)["series"][0]; }

/// Whichever member of each element, as in [{tick}, {tick}].
std::vector<std::string> each(const json& list, const std::string& member) {
  std::vector<std::string> result;
  for (const json& element : list) result.push_back(element[member]);
  return result;
}

// Three decades from 1 to 0.001 over 640 x 238 from (64, 12): a decade is 238 / 3 = 79.3 high.
TEST(CurvesView, PutsPointsWhereTheirLogarithmBelongs) {
  const json line = line_of({1, 0.1, 0.001});
  EXPECT_EQ(line["path"], "M64.0,12.0L384.0,91.3L704.0,250.0");
  EXPECT_THAT(each(line["markers"], "x"), ElementsAre("64.0", "384.0", "704.0"));
  EXPECT_THAT(each(line["markers"], "y"), ElementsAre("12.0", "91.3", "250.0"));
}

TEST(CurvesView, PutsTheLabelsOfTheAxesAtTheirTicks) {
  const json chart = chart_of({1, 0.1, 0.01});
  EXPECT_THAT(each(chart["value_ticks"], "tick"),
              ElementsAre("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"));
  EXPECT_EQ(chart["value_ticks"][3]["y"], "131.0");  // half way from 250 to 12
  EXPECT_THAT(each(chart["epoch_ticks"], "tick"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(each(chart["epoch_ticks"], "x"), ElementsAre("64.0", "384.0", "704.0"));
  EXPECT_EQ(chart_of({1, 0.0001})["value_ticks"][0]["tick"], "0.0001");
}

TEST(CurvesView, PutsASingleEpochInTheMiddle) { EXPECT_EQ(line_of({1})["path"], "M384.0,250.0"); }

TEST(CurvesView, LeavesOutWhatALogarithmicAxisCannotShow) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const json line = line_of({1, std::nan(""), 0.1, kInfinity, 0, 1});
  EXPECT_EQ(line["path"], "M64.0,12.0L320.0,250.0L704.0,12.0");
  EXPECT_EQ(line["markers"].size(), 3U);
  EXPECT_TRUE(curves_view({with_losses({std::nan(""), 0})}).is_null());
  const json charts = curves_view({with_losses({1}), with_losses({0})})["charts"];
  EXPECT_EQ(charts.size(), 1U);
  EXPECT_EQ(charts[0]["series"].size(), 1U);
}

TEST(CurvesView, SaysTheValueAtSomeOfManyPointsAndAtTheLast) {
  EXPECT_THAT(each(line_of({0.864031, 0.32})["markers"], "tooltip"),
              ElementsAre("training, epoch 1: 0.864", "training, epoch 2: 0.32"));
  std::vector<double> losses;
  for (int epoch = 1; epoch <= 1000; ++epoch) losses.push_back(1.0 / epoch);
  const json markers = line_of(losses)["markers"];
  EXPECT_EQ(markers.size(), 59U);  // every 17th
  EXPECT_EQ(markers.back()["tooltip"], "training, epoch 1000: 0.001");
}

TEST(StyleClass, DiffersForThirtyLines) {
  std::set<std::string> styles;
  for (std::size_t style = 0; style < 30; ++style) styles.insert(style_class(style));
  EXPECT_EQ(styles.size(), 30U);
}

}  // namespace
}  // namespace mnist
