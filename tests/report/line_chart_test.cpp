#include "report/line_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace mnist {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string drawn(const std::vector<ChartPoint>& points) {
  return line_chart({"title", "description", "epoch", "loss", {{"run", 0, false, true, points}}})
      .markup();
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(LogTicks, AreOneTwoFive) {
  EXPECT_THAT(log_ticks(0.183, 0.864), ElementsAre(0.1, 0.2, 0.5, 1));
  EXPECT_THAT(log_ticks(0.02, 0.5), ElementsAre(0.02, 0.05, 0.1, 0.2, 0.5));
  EXPECT_THAT(log_ticks(9, 21), ElementsAre(5, 10, 20, 50));
}

TEST(LogTicks, AreThePowersOfTenInAWideRange) {
  EXPECT_THAT(log_ticks(3e-5, 4), ElementsAre(1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10));
}

TEST(LogTicks, AreFewInTheWidestRange) {
  const std::vector<double> ticks = log_ticks(1e-300, 1e300);
  EXPECT_LE(ticks.size(), 12U);
  EXPECT_LE(ticks.front(), 1e-300);
  EXPECT_GE(ticks.back(), 1e300);
}

TEST(LogTicks, AreEvenInANarrowRange) {
  EXPECT_THAT(log_ticks(0.1712, 0.1758), ElementsAre(0.171, 0.172, 0.173, 0.174, 0.175, 0.176));
  EXPECT_THAT(log_ticks(0.51, 0.99), ElementsAre(0.5, 0.6, 0.7, 0.8, 0.9, 1));
}

TEST(LogTicks, GiveASingleValueSomeRoom) {
  EXPECT_THAT(log_ticks(0.3, 0.3), ElementsAre(0.2, 0.5));
  EXPECT_THAT(log_ticks(1, 1), ElementsAre(0.5, 1, 2));
}

TEST(WholeTicks, AreWholeAndInside) {
  EXPECT_THAT(whole_ticks(1, 5), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(whole_ticks(1, 30), ElementsAre(5, 10, 15, 20, 25, 30));
  EXPECT_THAT(whole_ticks(1, 1000), ElementsAre(200, 400, 600, 800, 1000));
  EXPECT_THAT(whole_ticks(0.5, 1.5), ElementsAre(1));
  EXPECT_THAT(whole_ticks(99, 100), ElementsAre(99, 100));
}

// Three decades from 1 to 0.001 over 640 x 292 from (64, 48): a decade is 292 / 3 = 97.3 high.
TEST(LineChart, PutsPointsWhereTheirLogarithmBelongs) {
  EXPECT_THAT(drawn({{1, 1}, {2, 0.1}, {3, 0.001}}),
              HasSubstr("d=\"M64.0,48.0h0L384.0,145.3L704.0,340.0\""));
}

TEST(LineChart, PutsASinglePointInTheMiddle) {
  EXPECT_THAT(drawn({{1, 1}}), AllOf(HasSubstr("d=\"M384.0,194.0h0\""), HasSubstr(">0.5</text>"),
                                     HasSubstr(">2</text>")));
}

TEST(LineChart, WritesSmallLossesOutInFull) {
  EXPECT_THAT(drawn({{1, 1}, {2, 0.0001}}), HasSubstr(">0.0001</text>"));
}

TEST(LineChart, LeavesGapsWhereALossIsNotFinite) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string chart = drawn({{1, 1}, {2, kNan}, {3, 0.1}, {4, kInfinity}, {5, 0}, {6, 1}});
  EXPECT_THAT(chart, HasSubstr("d=\"M64.0,48.0h0M320.0,340.0h0M704.0,48.0h0\""));
  EXPECT_THAT(chart, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
}

TEST(LineChart, IsNothingWithoutAPoint) {
  EXPECT_EQ(drawn({}), "");
  EXPECT_EQ(drawn({{1, std::nan("")}, {2, 0}}), "");
}

TEST(LineChart, SaysWhatItShowsToWhoCannotSeeIt) {
  EXPECT_THAT(drawn({{1, 1}}), AllOf(HasSubstr("<title>title</title><desc>description</desc>"),
                                     HasSubstr(">epoch</text>"), HasSubstr(">loss</text>")));
}

TEST(LineChart, SaysTheValueAtAPoint) {
  EXPECT_THAT(drawn({{1, 0.864031}, {2, 0.32}}), HasSubstr("<title>run, epoch 1: 0.864</title>"));
}

TEST(LineChart, MarksSomeOfManyPointsAndTheLast) {
  std::vector<ChartPoint> points;
  for (int epoch = 1; epoch <= 1000; ++epoch) points.push_back({epoch * 1.0, 1.0 / epoch});
  const std::string chart = drawn(points);
  EXPECT_EQ(count_of(chart, "<title>run, "), 59);  // every 17th
  EXPECT_THAT(chart, HasSubstr("<title>run, epoch 1000: 0.001</title>"));
}

TEST(LineChart, EscapesNames) {
  const Series series{"<script>", 0, false, true, {{1, 1}}};
  const std::string chart = line_chart({"t", "d", "x", "y", {series}}).markup();
  EXPECT_THAT(chart, AllOf(Not(HasSubstr("<script")), HasSubstr("</svg>&lt;script&gt;</li>"),
                           HasSubstr("<title>&lt;script&gt;, x 1: 1</title>")));
}

TEST(LineChart, NamesInTheLegendOnlyTheSeriesThatBelongThere) {
  const std::vector<ChartPoint> points{{1, 1}};
  const std::vector<Series> series{{"training", 0, false, true, points},
                                   {"validation", 0, true, false, points}};
  const std::string chart = line_chart({"t", "d", "x", "y", series}).markup();
  EXPECT_EQ(count_of(chart, "<li>"), 1);
  EXPECT_THAT(chart, HasSubstr("<g class=\"style-0 dashed\">"));
}

TEST(SeriesMark, DiffersForThirtySeries) {
  std::set<std::string> marks;
  for (std::size_t style = 0; style < 30; ++style) marks.insert(series_mark(style, false).markup());
  EXPECT_EQ(marks.size(), 30U);
}

}  // namespace
}  // namespace mnist
