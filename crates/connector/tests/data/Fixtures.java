// Makes the Access files of the tests: javac -cp 'lib/*' Fixtures.java && java -cp 'lib/*:.' Fixtures
// with jackcess, commons-lang3 and commons-logging in lib/.
import com.healthmarketscience.jackcess.ColumnBuilder;
import com.healthmarketscience.jackcess.DataType;
import com.healthmarketscience.jackcess.Database;
import com.healthmarketscience.jackcess.DatabaseBuilder;
import com.healthmarketscience.jackcess.Table;
import com.healthmarketscience.jackcess.TableBuilder;
import java.io.File;
import java.math.BigDecimal;
import java.time.LocalDateTime;

public class Fixtures {
    public static void main(String[] arguments) throws Exception {
        make("staff.mdb", Database.FileFormat.V2003);
        make("staff.accdb", Database.FileFormat.V2010);
    }

    static void make(String file, Database.FileFormat format) throws Exception {
        try (Database database = new DatabaseBuilder(new File(file)).setFileFormat(format).create()) {
            Table departments = new TableBuilder("Departments")
                .addColumn(new ColumnBuilder("ID", DataType.LONG))
                .addColumn(new ColumnBuilder("Name", DataType.TEXT))
                .toTable(database);
            departments.addRow(1, "Analytical Engines");
            departments.addRow(2, "Compilers");

            Table staff = new TableBuilder("Staff List")
                .addColumn(new ColumnBuilder("E-Mail", DataType.TEXT))
                .addColumn(new ColumnBuilder("First Name", DataType.TEXT))
                .addColumn(new ColumnBuilder("Last Name", DataType.TEXT))
                .addColumn(new ColumnBuilder("Job Title", DataType.TEXT))
                .addColumn(new ColumnBuilder("Department", DataType.LONG))
                .addColumn(new ColumnBuilder("Active", DataType.BOOLEAN))
                .addColumn(new ColumnBuilder("Salary", DataType.MONEY))
                .addColumn(new ColumnBuilder("Born", DataType.SHORT_DATE_TIME))
                .addColumn(new ColumnBuilder("Notes", DataType.MEMO))
                .addColumn(new ColumnBuilder("Photo", DataType.OLE))
                .toTable(database);
            staff.addRow("ada@example.com", "Ada", "Räksmörgås", "Countess", 1, true, new BigDecimal("1234.5"),
                LocalDateTime.of(1915, 12, 10, 8, 10), "Said: \"hello\",\r\nand left", new byte[] {1, 2, 3});
            staff.addRow("grace@example.com", "Grace", null, null, 2, false, null, null, null, null);
            staff.addRow("empty@example.com", "", "", "", null, true, null, null, null, null);
        }
    }
}
