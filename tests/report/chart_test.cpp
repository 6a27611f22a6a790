#include "report/chart.h"

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
  return line_chart("Loss", {{"run", 0, points}});
}

std::string path_of(const json& chart) { return chart["series"][0]["path"]; }

/// Whichever member of each element, as in [{tick}, {tick}].
std::vector<std::string> each(const json& list, const std::string& member) {
  std::vector<std::string> result;
  for (const json& element : list) result.push_back(element[member]);
  return result;
}

// Three decades from 1 to 0.001 over 640 x 238 from (64, 12): a decade is 238 / 3 = 79.3 high.
TEST(Chart, PutsPointsWhereTheirLogarithmBelongs) {
  const json chart = drawn({{1, 1}, {2, 0.1}, {3, 0.001}});
  EXPECT_EQ(path_of(chart), "M64.0,12.0L384.0,91.3L704.0,250.0");
  EXPECT_THAT(each(chart["series"][0]["markers"], "x"), ElementsAre("64.0", "384.0", "704.0"));
  EXPECT_THAT(each(chart["series"][0]["markers"], "y"), ElementsAre("12.0", "91.3", "250.0"));
}

TEST(Chart, PutsTheLabelsOfTheAxesAtTheirTicks) {
  const json chart = drawn({{1, 1}, {2, 0.1}, {3, 0.01}});
  EXPECT_THAT(each(chart["value_ticks"], "tick"),
              ElementsAre("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"));
  EXPECT_EQ(chart["value_ticks"][3]["y"], "131.0");  // half way from 250 to 12
  EXPECT_THAT(each(chart["epoch_ticks"], "tick"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(each(chart["epoch_ticks"], "x"), ElementsAre("64.0", "384.0", "704.0"));
}

TEST(Chart, LabelsTwoTicksOfANarrowRange) {
  EXPECT_THAT(each(drawn({{1, 0.075}, {2, 0.068}})["value_ticks"], "tick"),
              ElementsAre("0.05", "0.1"));
}

TEST(Chart, PutsASingleEpochInTheMiddle) {
  const json chart = drawn({{1, 1}});
  EXPECT_EQ(path_of(chart), "M384.0,250.0");
  EXPECT_THAT(each(chart["value_ticks"], "tick"), ElementsAre("1", "2"));
}

TEST(Chart, WritesSmallValuesOutInFull) {
  EXPECT_EQ(drawn({{1, 1}, {2, 0.0001}})["value_ticks"][0]["tick"], "0.0001");
}

TEST(Chart, LeavesGapsWhereAValueIsNotFinite) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const json chart = drawn({{1, 1}, {2, kNan}, {3, 0.1}, {4, kInfinity}, {5, 0}, {6, 1}});
  EXPECT_EQ(path_of(chart), "M64.0,12.0M320.0,250.0M704.0,12.0");
  EXPECT_EQ(chart["series"][0]["markers"].size(), 3U);
}

TEST(Chart, IsNothingWithoutAPoint) {
  EXPECT_TRUE(drawn({}).is_null());
  EXPECT_TRUE(drawn({{1, std::nan("")}, {2, 0}}).is_null());
}

TEST(Chart, LeavesOutALineWithoutAPoint) {
  const json chart = line_chart("Loss", {{"a", 0, {{1, 1}}}, {"b", 1, {{1, std::nan("")}}}});
  EXPECT_THAT(each(chart["series"], "name"), ElementsAre("a"));
}

TEST(Chart, SaysTheValueAtAPoint) {
  EXPECT_THAT(each(drawn({{1, 0.864031}, {2, 0.32}})["series"][0]["markers"], "tooltip"),
              ElementsAre("run, epoch 1: 0.864", "run, epoch 2: 0.32"));
}

TEST(Chart, MarksSomeOfManyPointsAndTheLast) {
  std::vector<ChartPoint> points;
  for (int epoch = 1; epoch <= 1000; ++epoch) points.push_back({epoch * 1.0, 1.0 / epoch});
  const json markers = drawn(points)["series"][0]["markers"];
  EXPECT_EQ(markers.size(), 59U);  // every 17th
  EXPECT_EQ(markers.back()["tooltip"], "run, epoch 1000: 0.001");
}

TEST(StyleClass, DiffersForThirtyLines) {
  std::set<std::string> styles;
  for (std::size_t style = 0; style < 30; ++style) styles.insert(style_class(style));
  EXPECT_EQ(styles.size(), 30U);
}

}  // namespace
}  // namespace mnist
