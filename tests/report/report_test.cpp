#include "report/report.h"

#include <cmath>

#include "run/directory.h"
#include "support.h"

namespace mnist {
namespace {

constexpr const char* kMisclassified = "Misclassified with the highest probability";

/// 95 of 100 are correct: two 4s are predicted as a 9, three 9s as a 4.
RunRecord sample_run() { return read_run(test::source("tests/expected/run")); }

RunRecord named(const std::string& name) {
  RunRecord run = sample_run();
  run.name = name;
  run.dir = fs::path("/runs") / name;
  return run;
}

MisclassifiedImage sample_misclassified() {
  MisclassifiedImage image{1247, {4, 9, 0.9987}, GrayImage(28, 28)};
  image.image.at(3, 5) = 255;
  return image;
}

RunRecord diverged(const std::string& name) {
  RunRecord run = named(name);
  run.status = "diverged";
  run.stopped_by = "divergence";
  run.epochs = 0;
  run.chosen.reset();
  run.train_loss.reset();
  run.validation.reset();
  run.test.reset();
  run.history = {{1, 30, std::nan(""), 1.0, 1.0}};
  return run;
}

/// A run on 40 test images that misclassifies those from `begin` up to and without `end`.
RunRecord misclassifying(const std::string& name, int begin, int end) {
  RunRecord run = named(name);
  run.test_fingerprint = "0123456789abcdef";
  for (int i = 0; i < 40; ++i) {
    run.predictions.push_back({i % 10, (i % 10 + (begin <= i && i < end ? 1 : 0)) % 10, 0.9});
  }
  return run;
}

/// From `start` up to and without `end`.
std::string between(const std::string& page, const std::string& start, const std::string& end) {
  const auto from = page.find(start);
  if (from == std::string::npos) return "";
  return page.substr(from, page.find(end, from) - from);
}

std::string section_of(const std::string& page, const std::string& heading) {
  return between(page, "<h2>" + heading + "</h2>", "</section>");
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Report, LoadsNothingAndRunsNothing) {
  RunRecord run = sample_run();
  run.misclassified.push_back(sample_misclassified());
  for (const std::string& page : {report_page({run}), report_page({run, named("other")})}) {
    EXPECT_THAT(page, AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                            Not(HasSubstr("<script")), Not(HasSubstr("<link")),
                            Not(HasSubstr("@import")), Not(HasSubstr("url("))));
    EXPECT_EQ(count_of(page, " src="), count_of(page, " src=\"data:image/png;base64,"));
    EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; img-src data:; style-src "
                                "'unsafe-inline'\""));
  }
}

TEST(Report, TakesNoTextForMarkup) {
  const std::string evil = "<script>alert('1')</script>\"&";
  RunRecord run = named(evil);
  run.config = {{evil, evil}};
  run.status = run.stopped_by = run.data_dir = run.engine = run.device = evil;
  run.version = run.libtorch = evil;
  RunRecord other = diverged(evil + "2");
  other.no_misclassified = evil;
  for (const std::string& page : {report_page({run}), report_page({run, other})}) {
    EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("('1')"))));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt;&quot;&amp;"));
  }
}

/// The accuracy, loss and so on of this name, with what is below it.
std::string fact(const std::string& page, const std::string& name) {
  return between(page, "<dt>" + name + "</dt>", "</div>");
}

/// The row of a run in the table of a section.
std::string row_of(const std::string& section, const std::string& run) {
  for (std::size_t at = section.find("<tr><th scope=\"row\">"); at != std::string::npos;
       at = section.find("<tr><th scope=\"row\">", at + 1)) {
    const std::string row = section.substr(at, section.find("</tr>", at) - at);
    if (row.find(run + "\n</th>") != std::string::npos) return row;
  }
  return "";
}

TEST(Report, ShowsTheResultOfARun) {
  const std::string results = section_of(report_page({sample_run()}), "Results");
  EXPECT_THAT(results, HasSubstr("<strong>95.00\u00a0%</strong> test accuracy"));
  EXPECT_EQ(fact(results, "test accuracy"),
            "<dt>test accuracy</dt><dd>95.00\u00a0%<small>88.82 to 97.85\u00a0%</small></dd>");
  EXPECT_THAT(fact(results, "test loss"), HasSubstr("<dd>0.2</dd>"));
  EXPECT_THAT(fact(results, "validation accuracy"),
              HasSubstr("<dd>98.00\u00a0%<small>89.50 to 99.65\u00a0%"));
  EXPECT_THAT(fact(results, "epochs"), HasSubstr("<dd>3<small>weights of epoch 2</small>"));
  EXPECT_THAT(fact(results, "training time"),
              HasSubstr("3\u00a0min 20\u00a0s<small>12,346 images/s"));
  EXPECT_THAT(fact(results, "status"), HasSubstr("completed<small>stopped by patience</small>"));
}

TEST(Report, DrawsLossesAndTheLearningRateIfItChanges) {
  RunRecord run = sample_run();
  EXPECT_EQ(count_of(report_page({run}), "<svg viewBox="), 1);
  for (EpochResult& epoch : run.history) epoch.lr = 0.1 / static_cast<double>(epoch.epoch);
  const std::string curves = section_of(report_page({run}), "Curves");
  EXPECT_EQ(count_of(curves, "<svg viewBox="), 2);
  EXPECT_THAT(curves,
              AllOf(HasSubstr("<title>training, epoch 3: 0.125</title>"),
                    HasSubstr("<title>validation, epoch 2: 0.25</title>"),
                    HasSubstr("Learning rate</h3>"), HasSubstr("epoch 3: 0.03333</title>")));
}

TEST(Report, ShowsEachDigitWithItsInterval) {
  const std::string digits = section_of(report_page({sample_run()}), "Test accuracy of each digit");
  // Wilson's interval of 7 of 10 is 0.3968 to 0.8922; the scale begins at 35 %.
  EXPECT_THAT(between(digits, "<th scope=\"row\">9</th>", "</tr>"),
              AllOf(HasSubstr("x1=\"7.20%\" x2=\"83.42%\""), HasSubstr("cx=\"53.85%\""),
                    HasSubstr("70.00\u00a0%<small>39.68 to 89.22\u00a0%</small>")));
}

TEST(Report, ShadesMisclassifiedImagesByTheirShareOfTheDigit) {
  RunRecord run = sample_run();
  run.test->confusion.counts = {};
  run.test->confusion.counts[0] = {963, 1, 2, 5, 8, 21, 0, 0, 0, 0};  // of 1,000
  const std::string page = report_page({run});
  const std::string matrix = section_of(page, "Confusion matrix");
  for (const char* cell :
       {"\"correct\" title=\"0 predicted as 0: 963 of 1,000\">963</td>",
        "\"shade-1\" title=\"0 predicted as 1:", "\"shade-1\" title=\"0 predicted as 2:",
        "\"shade-2\" title=\"0 predicted as 3:", "\"shade-3\" title=\"0 predicted as 4:",
        "\"shade-4\" title=\"0 predicted as 5:", "\"shade-0\" title=\"0 predicted as 6:"}) {
    EXPECT_THAT(matrix, HasSubstr(cell));
  }
  EXPECT_THAT(section_of(page, "Test accuracy of each digit"), HasSubstr("<td>no images</td>"));
}

TEST(Report, ShowsMisclassifiedImagesOrWhyThereAreNone) {
  RunRecord run = sample_run();
  const auto images = [&] { return section_of(report_page({run}), kMisclassified); };
  EXPECT_THAT(images(), HasSubstr("<p>None.</p>"));
  run.no_misclassified = "Its data are gone.";
  EXPECT_THAT(images(), HasSubstr("<p>Its data are gone.</p>"));
  run.misclassified.push_back(sample_misclassified());
  EXPECT_THAT(images(), AllOf(HasSubstr("<img src=\"data:image/png;base64,iVBOR"),
                              HasSubstr("<b>4, predicted 9</b>"), HasSubstr("99.87\u00a0%"),
                              HasSubstr("<span>image 1247</span>")));  // as `show --index` takes it
}

TEST(Report, LeavesOutWhatARunThatDivergedLacks) {
  const std::string page = report_page({diverged("a")});
  EXPECT_THAT(section_of(page, "Results"),
              AllOf(HasSubstr("<strong>diverged</strong>"), HasSubstr("<dd>diverged</dd>")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("<svg")), Not(HasSubstr("Curves")),
                          Not(HasSubstr("Confusion matrix")), Not(HasSubstr(kMisclassified)),
                          HasSubstr("<h2>Options</h2>")));
}

TEST(Report, SaysThatThereWereNoTestImages) {
  RunRecord run = sample_run();
  run.test.reset();
  run.test_images = 0;
  EXPECT_THAT(
      section_of(report_page({run}), "Results"),
      AllOf(HasSubstr("<strong>completed</strong>"), HasSubstr("the data has no test images")));
}

TEST(Report, PutsOptionsThatDifferIntoATable) {
  RunRecord other = named("other");
  for (Setting& setting : other.config) {
    if (setting.name == "lr") setting.value = "0.1";
  }
  other.config.push_back({"patience-of-saints", "9"});
  const std::string options = section_of(report_page({sample_run(), other}), "Options");
  EXPECT_THAT(options, HasSubstr("<th scope=\"col\">run</th><th scope=\"col\">lr</th>"
                                 "<th scope=\"col\">patience-of-saints</th></tr>"));
  EXPECT_THAT(row_of(options, "run"), HasSubstr("<td>0.01</td><td>\u2013</td>"));
  EXPECT_THAT(row_of(options, "other"), HasSubstr("<td>0.1</td><td>9</td>"));
  EXPECT_THAT(fact(options, "momentum"), HasSubstr("<dd>0</dd>"));
  EXPECT_EQ(fact(options, "lr"), "");
}

TEST(Report, LaysSeveralRunsSideBySide) {
  const std::string page = report_page({named("a"), named("b"), diverged("c")});
  const std::string results = section_of(page, "Results");
  EXPECT_EQ(count_of(results, "95.00\u00a0%<small>88.82 to 97.85\u00a0%</small>"), 2);
  EXPECT_THAT(row_of(results, "c"), HasSubstr("<td>diverged</td>"));
  const std::string curves = section_of(page, "Curves");
  EXPECT_THAT(curves, AllOf(HasSubstr("Training loss</h3>"), HasSubstr("Validation loss</h3>")));
  EXPECT_EQ(count_of(curves, "<path class=\"curve\" d=\"M64.0"), 4);
  EXPECT_EQ(count_of(section_of(page, "Test accuracy of each digit"), "<td>70.00"), 2);
  EXPECT_EQ(count_of(section_of(page, "Confusion matrix"), "<table"), 2);
  EXPECT_EQ(section_of(page, "Comparison with a"), "");  // none has predictions
}

TEST(Report, LeavesOutColumnsWithoutAValue) {
  const auto without_validation = [](const std::string& name) {
    RunRecord run = named(name);
    run.validation.reset();
    for (EpochResult& epoch : run.history) epoch.validation_loss.reset();
    return run;
  };
  const std::string some = report_page({named("a"), without_validation("b")});
  EXPECT_THAT(section_of(some, "Results"), HasSubstr("validation accuracy"));
  EXPECT_THAT(row_of(section_of(some, "Results"), "b"),
              HasSubstr("<td>\u2013</td><td>\u2013</td>"));
  const std::string none = report_page({without_validation("a"), without_validation("b")});
  EXPECT_THAT(section_of(none, "Results"), Not(HasSubstr("validation")));
  EXPECT_THAT(section_of(none, "Curves"), Not(HasSubstr("Validation loss")));
}

/// With an accuracy of `correct` of 100.
RunRecord with_accuracy(const std::string& name, int correct) {
  RunRecord run = misclassifying(name, 0, 1);
  run.test->confusion.counts = {};
  run.test->confusion.counts[0] = {correct, 100 - correct, 0, 0, 0, 0, 0, 0, 0, 0};
  return run;
}

TEST(Report, SortsMoreThanSixRunsAndShowsTheBestInDetail) {
  std::vector<RunRecord> runs;
  for (int i = 0; i < 6; ++i) runs.push_back(with_accuracy("run" + std::to_string(i), 50 + i));
  EXPECT_THAT(runs_in_detail(runs), testing::SizeIs(6));
  const std::string six = report_page(runs);
  EXPECT_THAT(six, Not(HasSubstr("Sorted by")));
  EXPECT_LT(six.find("run0\n</th>"), six.find("run5\n</th>"));  // as they were given

  runs.push_back(with_accuracy("run6", 56));
  runs.insert(runs.begin() + 1, diverged("lost"));
  EXPECT_THAT(runs_in_detail(runs), testing::ElementsAre(7, 6, 5, 4, 3, 2));
  const std::string page = report_page(runs);
  const std::string results = section_of(page, "Results");
  EXPECT_THAT(results, HasSubstr("Sorted by test accuracy. Charts, confusion matrices and images "
                                 "are those of the 6 best runs."));
  EXPECT_LT(results.find("run6\n</th>"), results.find("run5\n</th>"));
  EXPECT_LT(results.find("run0\n</th>"), results.find("lost\n</th>"));
  EXPECT_EQ(count_of(results, "<svg class=\"mark"), 6);
  EXPECT_EQ(count_of(section_of(page, "Confusion matrix"), "<table"), 6);
  EXPECT_EQ(count_of(section_of(page, "Comparison with run0"), "<tr><th scope=\"row\">"), 7);
}

TEST(Report, AdjustsThePValuesOfSeveralComparisons) {
  const RunRecord a = misclassifying("a", 0, 7);
  const std::string comparison = section_of(
      report_page({a, misclassifying("b", 0, 0), misclassifying("c", 0, 6)}), "Comparison with a");
  EXPECT_THAT(comparison, HasSubstr("Holm-adjusted"));
  // 7 and 0 of 7: 2 / 128 = 0.0156, which Holm's method doubles for two comparisons.
  EXPECT_THAT(row_of(comparison, "b"),
              HasSubstr("<td>p = 0.016</td><td>p = 0.031</td><td>7</td><td>0</td>"));
  EXPECT_THAT(row_of(comparison, "c"),
              HasSubstr("<td>p = 1</td><td>p = 1</td><td>1</td><td>0</td>"));
}

TEST(Report, ComparesByMcnemarsTestWithTheFirstRunThatHasPredictions) {
  RunRecord other_images = misclassifying("d", 0, 7);
  other_images.test_fingerprint = "fedcba9876543210";
  RunRecord other_labels = misclassifying("g", 0, 7);
  other_labels.predictions.back().label = 0;
  const std::string page =
      report_page({named("a"), misclassifying("b", 0, 7), misclassifying("c", 5, 15), other_images,
                   named("e"), diverged("f"), other_labels});
  const std::string comparison = section_of(page, "Comparison with b");
  EXPECT_THAT(comparison, AllOf(HasSubstr("exact McNemar test"), HasSubstr("only b correct</th>"),
                                Not(HasSubstr("Holm")), HasSubstr("not two sets of options")));
  // 8 and 5 of 13: 2 * (1 + 13 + 78 + 286 + 715 + 1287) / 8192 = 0.5811
  EXPECT_THAT(row_of(comparison, "c"), HasSubstr("<td>p = 0.58</td><td>5</td><td>8</td>"));
  for (const char* run : {"d", "g"}) {
    EXPECT_THAT(row_of(comparison, run), HasSubstr("other test images")) << run;
  }
  for (const char* run : {"a", "e", "f"}) {
    EXPECT_THAT(row_of(comparison, run), HasSubstr("no predictions")) << run;
  }
  EXPECT_THAT(report_page({other_images}), Not(HasSubstr("McNemar")));  // there is only one
}

TEST(Report, CallsRunsOfTheSameNameByTheirPaths) {
  std::vector<RunRecord> runs(2, sample_run());
  runs[0].dir = "/runs/one/run";
  runs[1].dir = "/runs/other/run";
  const std::string results = section_of(report_page(runs), "Results");
  EXPECT_NE(row_of(results, "/runs/one/run"), "");
  EXPECT_NE(row_of(results, "/runs/other/run"), "");
}

}  // namespace
}  // namespace mnist
