#include "report/loss_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace mnist {
namespace {

using nlohmann::json;
using testing::ElementsAre;

json drawn(const std::vector<ChartPoint>& points) {
  return loss_chart({{"run", 0, false, true, points}});
}

std::string path_of(const json& chart) { return chart["series"][0]["path"]; }

/// Whichever member of each element, as in [{tick}, {tick}].
std::vector<std::string> each(const json& list, const std::string& member) {
  std::vector<std::string> result;
  for (const json& element : list) result.push_back(element[member]);
  return result;
}

// Three decades from 1 to 0.001 over 640 x 292 from (64, 48): a decade is 292 / 3 = 97.3 high.
TEST(LossChart, PutsPointsWhereTheirLogarithmBelongs) {
  const json chart = drawn({{1, 1}, {2, 0.1}, {3, 0.001}});
  EXPECT_EQ(path_of(chart), "M64.0,48.0h0L384.0,145.3L704.0,340.0");
  EXPECT_THAT(each(chart["series"][0]["markers"], "path"),
              ElementsAre(testing::StartsWith("M64.0,48.0m"), testing::StartsWith("M384.0,145.3m"),
                          testing::StartsWith("M704.0,340.0m")));
}

TEST(LossChart, PutsTheLabelsOfTheAxesAtTheirTicks) {
  const json chart = drawn({{1, 1}, {2, 0.1}, {3, 0.01}});
  EXPECT_THAT(each(chart["loss_ticks"], "tick"),
              ElementsAre("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"));
  EXPECT_EQ(chart["loss_ticks"][3]["y"], "194.0");  // half way from 340 to 48
  EXPECT_THAT(each(chart["epoch_ticks"], "tick"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(each(chart["epoch_ticks"], "x"), ElementsAre("64.0", "384.0", "704.0"));
}

TEST(LossChart, PutsASinglePointInTheMiddle) {
  const json chart = drawn({{1, 1}});
  EXPECT_EQ(path_of(chart), "M384.0,194.0h0");
  EXPECT_THAT(each(chart["loss_ticks"], "tick"), ElementsAre("0.5", "1", "2"));
}

TEST(LossChart, WritesSmallLossesOutInFull) {
  EXPECT_EQ(drawn({{1, 1}, {2, 0.0001}})["loss_ticks"][0]["tick"], "0.0001");
}

TEST(LossChart, LeavesGapsWhereALossIsNotFinite) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const json chart = drawn({{1, 1}, {2, kNan}, {3, 0.1}, {4, kInfinity}, {5, 0}, {6, 1}});
  EXPECT_EQ(path_of(chart), "M64.0,48.0h0M320.0,340.0h0M704.0,48.0h0");
  EXPECT_EQ(chart["series"][0]["markers"].size(), 3U);
}

TEST(LossChart, IsNothingWithoutAPoint) {
  EXPECT_TRUE(drawn({}).is_null());
  EXPECT_TRUE(drawn({{1, std::nan("")}, {2, 0}}).is_null());
}

TEST(LossChart, SaysTheValueAtAPoint) {
  EXPECT_THAT(each(drawn({{1, 0.864031}, {2, 0.32}})["series"][0]["markers"], "tooltip"),
              ElementsAre("run, epoch 1: 0.864", "run, epoch 2: 0.32"));
}

TEST(LossChart, MarksSomeOfManyPointsAndTheLast) {
  std::vector<ChartPoint> points;
  for (int epoch = 1; epoch <= 1000; ++epoch) points.push_back({epoch * 1.0, 1.0 / epoch});
  const json markers = drawn(points)["series"][0]["markers"];
  EXPECT_EQ(markers.size(), 59U);  // every 17th
  EXPECT_EQ(markers.back()["tooltip"], "run, epoch 1000: 0.001");
}

TEST(LossChart, NamesInTheLegendOnlyTheSeriesThatBelongThere) {
  const std::vector<ChartPoint> points{{1, 1}};
  const json chart =
      loss_chart({{"training", 0, false, true, points}, {"validation", 0, true, false, points}});
  EXPECT_THAT(each(chart["legend"], "name"), ElementsAre("training"));
  EXPECT_THAT(each(chart["series"], "style"), ElementsAre("style-0", "style-0 dashed"));
}

TEST(SeriesMark, DiffersForThirtySeries) {
  std::set<json> marks;
  for (std::size_t style = 0; style < 30; ++style) marks.insert(series_mark(style, false));
  EXPECT_EQ(marks.size(), 30U);
}

}  // namespace
}  // namespace mnist
