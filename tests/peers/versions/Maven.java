// Compares versions with Maven's ComparableVersion: lines "A<tab>B" in, < = > out.
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class Maven {
    public static void main(String[] words) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16));
        for (String line; (line = in.readLine()) != null;) {
            int tab = line.indexOf('\t');
            int order = new ComparableVersion(line.substring(0, tab))
                .compareTo(new ComparableVersion(line.substring(tab + 1)));
            out.println(order < 0 ? "<" : order > 0 ? ">" : "=");
        }
        out.flush();
    }
}
