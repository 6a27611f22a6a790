// Runs the built program's subcommands on the sample and on models trained on it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <sstream>

#include "picture/picture_file.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;
using test::read_file;
using test::run_program;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

fs::path source(const std::string& path) { return fs::path(MNIST_TRAIN_SOURCE_DIR) / path; }

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Trains on the sample, well enough to be right for most of it. Returns what was printed.
std::string train(const fs::path& out) {
  const Outcome outcome = run_program({"--quiet", "--data", test::sample_dir().string(), "--epochs",
                                       "8", "--lr", "0.1", "--out", out.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.out;
}

Outcome show(std::vector<std::string> options) {
  options.insert(options.begin(), {"show", "--data", test::sample_dir().string()});
  return run_program(std::move(options));
}

/// The captions of a drawn gallery: "7  #0".
std::vector<std::string> captions(const std::string& text) {
  const std::regex caption("[0-9]  #[0-9]+");
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), caption), end; match != end; ++match) {
    found.push_back(match->str());
  }
  return found;
}

TEST(Program, ShowsImages) {
  const Outcome outcome = show({"--split", "test", "--count", "3"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, read_file(source("tests/expected/gallery_ascii.txt")) +
                             "\n500 test images, each [1, 28, 28] uint8 from 0 to 255; 3 shown\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Program, ShowsTheImagesThatAreAskedFor) {
  // The labels of MNIST's training images begin 5 0 4 1 9 2 1 3 1 4.
  EXPECT_THAT(captions(show({"--count", "4"}).out),
              testing::ElementsAre("5  #0", "0  #1", "4  #2", "1  #3"));
  EXPECT_THAT(captions(show({"--index", "4"}).out), testing::ElementsAre("9  #4"));
  EXPECT_THAT(captions(show({"--index", "998", "--count", "9"}).out), testing::SizeIs(2));
  EXPECT_THAT(captions(show({"--digit", "1", "--count", "3"}).out),
              testing::ElementsAre("1  #3", "1  #6", "1  #8"));
  EXPECT_THAT(captions(show({}).out), testing::SizeIs(20));
  const std::string some = show({"--random", "--count", "5"}).out;
  EXPECT_THAT(captions(some), testing::SizeIs(5));
  EXPECT_EQ(show({"--random", "--count", "5"}).out, some);
  EXPECT_NE(show({"--random", "--count", "5", "--seed", "2"}).out, some);
  const Outcome beyond = show({"--index", "1000"});
  EXPECT_EQ(beyond.exit_code, 2);
  EXPECT_THAT(beyond.err, HasSubstr("--index: expected a position from 0 to 999, found 1000"));
}

TEST(Program, DistortsImagesTheSameByEveryInstructionSet) {
  const test::TempDir dir;
  const auto sheet = [&](const std::vector<std::string>& options, const char* capability) {
    const test::Environment limit("ATEN_CPU_CAPABILITY", capability);
    std::vector<std::string> all{"--count", "1000", "--png", (dir / "sheet.png").string()};
    all.insert(all.end(), options.begin(), options.end());
    EXPECT_EQ(show(all).exit_code, 0);
    return read_file(dir / "sheet.png");
  };
  const std::string plain = sheet({}, nullptr);
  for (const char* kind : {"shift", "affine", "elastic"}) {
    const std::vector<std::string> options{"--augment", kind, "--seed", "3", "--epoch", "2"};
    const std::string expected = sheet(options, nullptr);
    EXPECT_NE(expected, plain);
    EXPECT_EQ(sheet(options, "avx2"), expected) << kind;
    EXPECT_EQ(sheet(options, "default"), expected) << kind;
  }
}

TEST(Program, ShowsImagesAsAPngFile) {
  const test::TempDir dir;
  const std::string file = (dir / "grid.png").string();
  const Outcome outcome = show({"--png", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "1000 training images, each [1, 28, 28] uint8 from 0 to 255; 20 in " + file + "\n");
  const cv::Mat4b sheet = read_picture(file);
  EXPECT_EQ(sheet.cols, 12 + 10 * 124);  // two rows of ten
  EXPECT_EQ(sheet.rows, 12 + 2 * 164);
  EXPECT_EQ(show({"--png", file, "--count", "3"}).exit_code, 0);  // over its own
  EXPECT_EQ(read_picture(file).cols, 12 + 3 * 124);
  const Outcome folder = show({"--png", dir.path().string()});
  EXPECT_EQ(folder.exit_code, 7);
  EXPECT_THAT(folder.err, HasSubstr(": could not be written: Is a directory"));
  const Outcome none =
      show({"--png", (dir / "none.png").string(), "--digit", "7", "--index", "999"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_FALSE(fs::exists(dir / "none.png"));
}

TEST(Program, ShowsWhatAModelGetsWrong) {
  const test::TempDir dir;
  train(dir / "run");
  const json result = json::parse(read_file(dir / "run/result.json"));
  const int wrong = 500 - result["test"]["correct"].get<int>();
  ASSERT_GT(wrong, 0);
  const Outcome outcome = show({"--wrong", "--model", (dir / "run").string(), "--count", "500"});
  EXPECT_THAT(outcome.out, EndsWith("uint8 from 0 to 255; " + std::to_string(wrong) + " shown\n"));
  EXPECT_THAT(outcome.out, HasSubstr(" as "));
}

TEST(Program, EvaluatesASavedModelAsTheRunDid) {
  const test::TempDir dir;
  const std::string trained = train(dir / "run");
  const std::vector<std::string> eval{
      "eval", "--quiet", "--model", (dir / "run").string(), "--data", test::sample_dir().string()};
  const auto with = [&](const std::vector<std::string>& options) {
    std::vector<std::string> all = eval;
    all.insert(all.end(), options.begin(), options.end());
    return run_program(all);
  };
  const Outcome plain = with({});
  EXPECT_EQ(plain.exit_code, 0);
  EXPECT_EQ(plain.err, "");
  EXPECT_THAT(plain.out, StartsWith("test loss "));
  EXPECT_THAT(trained, EndsWith(plain.out));

  const json result = json::parse(read_file(dir / "run/result.json"));
  const json found = json::parse(with({"--json"}).out);
  EXPECT_EQ(found["test"], result["test"]);
  EXPECT_EQ(found["schema"], "mnist-train-eval/1");
  EXPECT_EQ(json::parse(with({"--json", "--threads", "2"}).out)["test"]["confusion"],
            result["test"]["confusion"]);

  const std::vector<std::string> lines = lines_of(with({"--confusion"}).out);
  ASSERT_GE(lines.size(), 11);
  for (int truth = 0; truth < 10; ++truth) {
    std::istringstream row(lines[lines.size() - 10 + truth]);
    int digit = -1;
    row >> digit;
    EXPECT_EQ(digit, truth);
    for (int guess = 0; guess < 10; ++guess) {
      int count = -1;
      row >> count;
      EXPECT_EQ(count, result["test"]["confusion"][truth][guess]);
    }
  }
  const Outcome below = with({"--min-accuracy", "100"});
  EXPECT_EQ(below.exit_code, 6);
  EXPECT_THAT(below.err, HasSubstr("at least 100 %"));
  EXPECT_THAT(with({"--test-limit", "10"}).out, HasSubstr(" of 10, "));
}

TEST(Program, RefusesAModelThatIsNone) {
  const test::TempDir dir;
  test::write_file(dir / "file", "no model");
  for (const char* command : {"eval", "predict", "draw", "export"}) {
    std::vector<std::string> arguments{command, "--model", (dir / "file").string()};
    if (arguments[0] == "predict") arguments.emplace_back("x.png");
    const Outcome outcome = run_program(arguments);
    EXPECT_EQ(outcome.exit_code, 5) << command;
    EXPECT_THAT(outcome.err, HasSubstr((dir / "file").string()));
  }
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);  // which no one writes to
  EXPECT_EQ(run_program({"eval", "--model", (dir / "pipe").string()}).exit_code, 5);
}

/// Writes the first test images of the sample as PNG files; returns their names.
std::vector<std::string> write_images(const fs::path& dir, std::int64_t count) {
  std::vector<std::string> files;
  for (const GrayImage& image :
       test::read_images(test::sample_dir() / "t10k-images-idx3-ubyte", count)) {
    files.push_back((dir / (std::to_string(files.size()) + ".png")).string());
    test::write_file(files.back(), encode_png(image));
  }
  return files;
}

TEST(Program, PredictsImageFiles) {
  const test::TempDir dir;
  train(dir / "run");
  const std::vector<std::string> files = write_images(dir.path(), 3);  // 7, 2, 1
  test::write_file(dir / "text.png", "no image");
  std::string list;
  for (const std::string& file : files) list += file + "\r\n\n";
  test::write_file(dir / "list", list);
  const std::string predict =
      std::string(MNIST_TRAIN_PROGRAM) + " predict --model '" + (dir / "run").string() + "' ";

  const Outcome named = test::run({"sh", "-c", predict + files[0] + " " + files[2]});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  ASSERT_EQ(lines_of(named.out).size(), 2) << named.out;
  EXPECT_THAT(lines_of(named.out)[0], testing::ContainsRegex("0\\.png  7 +[0-9.]+ %  \\([0-9] "));
  EXPECT_THAT(lines_of(named.out)[1], HasSubstr("2.png  1 "));

  const Outcome listed = test::run(
      {"sh", "-c",
       predict + "--json - " + (dir / "text.png").string() + " < " + (dir / "list").string()});
  EXPECT_EQ(listed.exit_code, 3);
  const json predictions = json::parse(listed.out)["predictions"];
  ASSERT_EQ(predictions.size(), 4);
  EXPECT_EQ(predictions[0]["digit"], 7);
  EXPECT_EQ(predictions[0]["probabilities"][7], predictions[0]["probability"]);
  EXPECT_EQ(predictions[2]["digit"], 1);
  EXPECT_THAT(predictions[3]["error"], HasSubstr("expected a PNG, JPEG or BMP"));

  const Outcome broken =
      test::run({"sh", "-c", predict + (dir / "text.png").string() + " --show " + files[1]});
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_THAT(broken.err, StartsWith("mnist-train: error: " + (dir / "text.png").string()));
  EXPECT_EQ(lines_of(broken.out).size(), 1 + 14) << broken.out;
  EXPECT_EQ(test::run({"sh", "-c", predict + "- < /dev/null"}).exit_code, 2);

  const Outcome empty = test::run({"sh", "-c", predict + "'' " + files[1]});
  EXPECT_EQ(empty.exit_code, 3);
  EXPECT_THAT(empty.err, HasSubstr("error: '': cannot be read"));
  EXPECT_THAT(empty.out, HasSubstr("1.png  2 "));
  test::write_file(dir / "nul", files[0] + '\0' + files[2] + '\0');
  EXPECT_EQ(lines_of(test::run({"sh", "-c", predict + "- < " + (dir / "nul").string()}).out).size(),
            2);
}

TEST(Program, SaysWhereConfidenceIsLow) {
  const test::TempDir dir;
  train(dir / "run");
  const std::vector<GrayImage> digits =
      test::read_images(test::sample_dir() / "t10k-images-idx3-ubyte", 2);
  GrayImage both(56, 28);
  for (std::int64_t y = 0; y < 28; ++y) {
    for (std::int64_t x = 0; x < 56; ++x) both.at(x, y) = digits[x / 28].at(x % 28, y);
  }
  const std::string file = (dir / "both.png").string();
  test::write_file(file, encode_png(both));
  const Outcome text = run_program({"predict", "--model", (dir / "run").string(), file});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, testing::ContainsRegex("\\)  low confidence: several shapes"));
  const Outcome outcome =
      run_program({"predict", "--json", "--model", (dir / "run").string(), file});
  const json prediction = json::parse(outcome.out)["predictions"][0];
  EXPECT_EQ(prediction["low_confidence"][0], "several shapes");
  EXPECT_TRUE(prediction.contains("digit"));
}

TEST(Program, PredictsAFolderOfMutatedFiles) {
  const test::TempDir dir;
  train(dir / "run");
  std::mt19937 random(1);
  std::vector<std::string> files{"predict", "--json", "--model", (dir / "run").string()};
  const std::size_t options = files.size();
  for (const auto& seed : fs::directory_iterator(source("tests/fuzz/seeds/picture_file"))) {
    const std::string whole = read_file(seed.path());
    for (int i = 0; i < 40; ++i) {
      std::string bytes = whole.substr(0, i % 4 == 0 ? random() % whole.size() : whole.size());
      for (unsigned change = random() % 8; change > 0 && !bytes.empty(); --change) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      files.push_back((dir / (std::to_string(i) + seed.path().filename().string())).string());
      test::write_file(files.back(), bytes);
    }
  }
  const Outcome outcome = run_program(files);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  const json predictions = json::parse(outcome.out)["predictions"];
  ASSERT_EQ(predictions.size(), files.size() - options);
  int read = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    EXPECT_EQ(predictions[i]["file"], files[options + i]);
    read += predictions[i].contains("digit") ? 1 : 0;
  }
  EXPECT_GT(read, 0);
}

TEST(Program, ReportsOnRuns) {
  const test::TempDir dir;
  train(dir / "one");
  train(dir / "two");
  const std::string written = read_file(dir / "one/report.html");
  EXPECT_THAT(written, AllOf(StartsWith("<!DOCTYPE html>"),
                             HasSubstr("Misclassified with the highest probability"),
                             HasSubstr("data:image/png;base64,")));
  fs::remove(dir / "one/report.html");
  const Outcome anew = run_program({"report", (dir / "one").string()});
  EXPECT_EQ(anew.exit_code, 0) << anew.err;
  EXPECT_EQ(anew.out, (dir / "one/report.html").string() + "\n");
  EXPECT_EQ(read_file(dir / "one/report.html"), written);

  const std::string page = (dir / "both.html").string();
  const std::vector<std::string> both{"report", (dir / "one").string(), (dir / "two").string(),
                                      "--html", page};
  EXPECT_EQ(run_program(both).exit_code, 0);
  EXPECT_THAT(read_file(page),
              AllOf(HasSubstr("<h1>2 runs</h1>"), HasSubstr("<td>p = 1</td><td>0</td><td>0</td>")));
  EXPECT_EQ(run_program(both).exit_code, 0);  // over its own page

  fs::remove(dir / "one/predictions.csv");
  EXPECT_EQ(run_program({"report", (dir / "one").string()}).exit_code, 0);
  EXPECT_THAT(read_file(dir / "one/report.html"), HasSubstr("Not shown: no predictions."));
}

TEST(Program, ReportsOnFinishedRunsAmongOtherFiles) {
  const test::TempDir dir;
  train(dir / "a");
  train(dir / "b");
  fs::create_directory(dir / "empty");
  fs::copy(dir / "a", dir / "going");
  fs::remove(dir / "going/result.json");
  test::write_file(dir / "sweep.log", "a line\n");
  const auto path = [&](const char* name) { return (dir / name).string(); };

  const Outcome some = run_program({"report", path("a"), path("b"), path("empty"), path("going"),
                                    path("sweep.log"), "--html", path("page.html")});
  EXPECT_EQ(some.exit_code, 0) << some.err;
  EXPECT_EQ(std::ranges::count(some.err, '\n'), 3) << some.err;
  const std::string page = read_file(path("page.html"));
  EXPECT_THAT(page, HasSubstr("<h1>2 runs</h1>"));
  for (const char* name : {"empty", "going", "sweep.log"}) {
    EXPECT_THAT(some.err, HasSubstr("skipped " + path(name)));
    EXPECT_THAT(page, HasSubstr("Skipped: " + path(name)));
  }

  const Outcome none = run_program({"report", path("empty"), path("sweep.log")});
  EXPECT_EQ(none.exit_code, 5);
  EXPECT_THAT(none.err, AllOf(HasSubstr(path("empty")), HasSubstr("and 1 more")));
  const Outcome missing = run_program({"report", path("a"), path("misspelled")});
  EXPECT_EQ(missing.exit_code, 5);
  EXPECT_THAT(missing.err, HasSubstr(path("misspelled")));
}

}  // namespace
}  // namespace mnist
