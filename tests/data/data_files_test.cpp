#include "data/data_files.h"

#include "support.h"

namespace mnist {
namespace {

using test::Environment;

/// Runs in an empty directory, with no data in any of the default places.
class DataFiles : public testing::Test {
 protected:
  DataFiles() : before_(fs::current_path()) { fs::current_path(dir_.path()); }
  ~DataFiles() override { fs::current_path(before_); }

  static std::string not_found(const std::string& requested) {
    return test::error_of(ErrorKind::kData, [&] { find_data_dir(requested); });
  }

  test::TempDir dir_;
  fs::path before_;
  Environment data_dir_{"MNIST_DATA_DIR", nullptr};
  Environment data_home_{"XDG_DATA_HOME", (dir_ / "home").c_str()};
};

TEST_F(DataFiles, AreFoundInTheDirectoryOrBelowATorchvisionRoot) {
  for (const std::string dir : {"set", "root/MNIST/raw", "MNIST/raw"}) {
    test::write_data_set(dir_ / dir, 1, 1);
  }
  EXPECT_EQ(find_data_dir("set"), dir_ / "set");
  EXPECT_EQ(find_data_dir("root"), dir_ / "root/MNIST/raw");
  EXPECT_EQ(find_data_dir("MNIST"), dir_ / "MNIST/raw");
}

TEST_F(DataFiles, AreLookedForInTheDefaultPlacesInTheirOrder) {
  const Environment home("HOME", dir_.path().c_str());
  test::write_data_set(dir_ / ".local/share/mnist", 1, 1);
  {
    const Environment no_data_home("XDG_DATA_HOME", nullptr);
    EXPECT_EQ(find_data_dir(""), dir_ / ".local/share/mnist");
  }
  test::write_data_set(dir_ / "home/mnist", 1, 1);
  EXPECT_EQ(find_data_dir(""), dir_ / "home/mnist");
  test::write_data_set(dir_ / "data/MNIST/raw", 1, 1);
  EXPECT_EQ(find_data_dir(""), dir_ / "data/MNIST/raw");
  test::write_data_set(dir_ / "named", 1, 1);
  const Environment named("MNIST_DATA_DIR", "named");
  EXPECT_EQ(find_data_dir(""), dir_ / "named");
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/MNIST/raw");
}

TEST_F(DataFiles, AreOfAnotherSetOnlyIfItsRootIsNamedAndHoldsOne) {
  test::write_data_set(dir_ / "data/KMNIST/raw", 1, 1);
  EXPECT_THAT(not_found(""), HasSubstr("no MNIST data"));
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/KMNIST/raw");
  test::write_data_set(dir_ / "data/FashionMNIST/raw", 1, 1);
  EXPECT_THAT(not_found("data"), HasSubstr("/data (found FashionMNIST, KMNIST); "));
  test::write_data_set(dir_ / "data/MNIST/raw", 1, 1);
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/MNIST/raw");
}

/// Gives the files of a data set other names.
void rename_set(const fs::path& dir, const std::string& train, const std::string& test) {
  for (const std::string kind : {"-images-idx3-ubyte", "-labels-idx1-ubyte"}) {
    fs::rename(dir / ("train" + kind), dir / (train + kind));
    fs::rename(dir / ("t10k" + kind), dir / (test + kind));
  }
}

TEST_F(DataFiles, MayHaveTheNamesOfEmnist) {  // Dataset reads these, and QMNIST's
  const fs::path raw = dir_ / "root/EMNIST/raw";
  test::write_data_set(raw, 1, 1);
  EXPECT_EQ(describe_set(raw), "");
  rename_set(raw, "emnist-digits-train", "emnist-digits-test");
  EXPECT_EQ(find_data_dir("root"), raw);
  EXPECT_EQ(describe_set(raw), ", EMNIST digits, turned upright");
}

TEST_F(DataFiles, AreNeverOfTwoSetsFromOneDirectory) {
  test::write_data_set(dir_ / "set", 1, 1);
  rename_set(dir_ / "set", "train", "emnist-digits-test");
  EXPECT_THAT(missing_files(dir_ / "set", Split::kTrain), IsEmpty());
  EXPECT_THAT(missing_files(dir_ / "set", Split::kTest),
              ElementsAre("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"));
  // One file of MNIST does not hide a whole set of another name.
  fs::remove(dir_ / "set/train-images-idx3-ubyte");
  EXPECT_TRUE(find_split_files(dir_ / "set", Split::kTest).transposed);
}

TEST_F(DataFiles, MayHaveADotInTheirNamesOrDirectoriesOfTheirOwn) {
  const std::string name = "train-images-idx3-ubyte";
  test::write_data_set(dir_ / "set", 1, 1);
  fs::rename(dir_ / "set" / name, dir_ / "file");
  fs::create_directory(dir_ / "set" / name);  // as in Kaggle's archive
  fs::copy_file(dir_ / "file", dir_ / "set" / name / name);
  EXPECT_EQ(find_split_files(dir_ / "set", Split::kTrain).images, dir_ / "set" / name / name);
  fs::copy_file(dir_ / "file", dir_ / "set/train-images.idx3-ubyte");
  const SplitFiles files = find_split_files(dir_ / "set", Split::kTrain);
  EXPECT_EQ(files.images, dir_ / "set/train-images.idx3-ubyte");
  EXPECT_EQ(files.labels, dir_ / "set/train-labels-idx1-ubyte");
  EXPECT_FALSE(files.for_libtorch);
}

TEST_F(DataFiles, AreNotFoundAndTheErrorNamesEveryPlaceAndWhatItHolds) {
  fs::create_directory("data");
  const std::string data = (dir_ / "data").string();
  const std::string home = (dir_ / "home/mnist").string();
  EXPECT_EQ(not_found(""), "no MNIST data (train-images-idx3-ubyte and the other three) in " +
                               data + " (empty), " + home +
                               " (No such file or directory); download it with "
                               "scripts/fetch_mnist.sh, or name the directory that has it");
  for (const char* name : {"g", "f", "e", "d", "c", "b", "a"}) {
    test::write_file(dir_ / "data" / name, "");
  }
  EXPECT_THAT(not_found(""), HasSubstr(data + " (found a, b, c, d, e and 2 more), "));
  EXPECT_THAT(not_found("data/a"), HasSubstr(data + "/a (Not a directory); "));
}

TEST_F(DataFiles, AreNotLookedForElsewhereIfAPlaceWasNamed) {
  test::write_data_set(dir_ / "data", 1, 1);
  const Environment wrong("MNIST_DATA_DIR", "wrong");
  for (const char* requested : {"wrong", ""}) {
    EXPECT_THAT(not_found(requested),
                HasSubstr(" in " + (dir_ / "wrong").string() + " (No such file or directory);"));
  }
}

TEST_F(DataFiles, AreNamedIfTheyAreMissing) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::rename("t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz");  // it is still packed
  EXPECT_EQ(test::error_of(ErrorKind::kData, [&] { find_split_files(dir_.path(), Split::kTest); }),
            (dir_ / "t10k-images-idx3-ubyte").string() +
                ": no such file (found t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte, "
                "train-images-idx3-ubyte, train-labels-idx1-ubyte)");
}

}  // namespace
}  // namespace mnist
